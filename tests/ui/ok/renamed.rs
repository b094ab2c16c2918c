//! The facade under another name, and by way of another module.

extern crate kiln as forge;

mod vendor {
    pub mod deep {
        pub use kiln as baked;
    }
}

forge::ruleset! {
    pub struct Rules = "rules/good.toml";
    crate = ::forge;
}

forge::ruleset! {
    pub struct Others = "rules/good_*.toml";
    crate = crate::vendor::deep::baked;
}

fn main() {
    assert_eq!((Rules::set().rules.len(), Others::set().rules.len()), (1, 2));
}
