//! The codes of all findings, by the step that makes them. `E01` file syntax, `E02` rule fields, `E03` EQL syntax,
//! `E04` EQL meaning, `E05` the set of rules, `E07` KQL syntax, `E08` KQL meaning, `E09` exceptions, overlays and
//! exports, `E10` what types of rules ask for; `W` stands for warnings under the same numbers.

pub mod eql;
pub mod exception;
pub mod file;
pub mod kql;
pub mod lint;
pub mod state;
