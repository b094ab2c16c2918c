#![deny(deprecated)]

kiln::ruleset! {
    pub struct Rules = "rules/unknown_key.toml";
}

fn main() {
    let _ = Rules::matcher();
}
