kiln::ruleset! {
    pub struct Rules = "rules/toml_escapes.toml";
}

fn main() {
    let _ = Rules::matcher();
}
