//! The reference evaluator: slow, plain, and the judge of everything faster.
