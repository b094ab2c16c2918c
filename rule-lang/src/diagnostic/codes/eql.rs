//! Codes of the EQL parser (`E03`) and of the EQL checks (`E04`).
