#![no_implicit_prelude]
//! Nothing of the standard library is in scope.

::kiln::ruleset! {
    pub struct Rules = "rules/good*.toml";
}

::kiln::ruleset! {
    pub struct Programs = "rules/good*.toml";
    residuals = "program";
}

fn main() {
    let mut matcher = Rules::matcher();
    ::std::assert!(matcher.json(b"{}", ::kiln::EventRef(0)).is_ok());
    ::std::assert_eq!(Programs::set().rules.len(), 3);
}
