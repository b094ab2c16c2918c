//! One event, reduced to the fields that rules name.

mod scalar;

pub use scalar::Scalar;
