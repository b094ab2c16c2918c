//! The semantics tables, the conformance suites and the rule corpus as compiled sets. The tests beside this crate run
//! them and compare with the reference evaluator.

pub mod batch;

/// The cases of `tests/semantics`, a set for each schema.
pub mod semantics {
    include!(concat!(env!("OUT_DIR"), "/semantics.rs"));
}

/// The rules of `tests/exceptions` with their lists.
pub mod exceptions {
    include!(concat!(env!("OUT_DIR"), "/exceptions.rs"));
}

/// The cases of the Elasticsearch suites, a set for each suite; none without the shared data.
pub mod conformance {
    include!(concat!(env!("OUT_DIR"), "/conformance.rs"));
}

/// All rules of the corpus in one set.
pub mod corpus {
    include!(concat!(env!("OUT_DIR"), "/corpus.rs"));
}
