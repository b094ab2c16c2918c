kiln::ruleset! {
    pub struct Rules = "rules/unknown_key.toml";
    strict = true;
}

fn main() {
    let _ = Rules::matcher();
}
