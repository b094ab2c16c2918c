#![deny(deprecated)]

kiln::ruleset! {
    pub struct Rules = "rules/other_type.toml";
}

fn main() {
    let _ = Rules::matcher();
}
