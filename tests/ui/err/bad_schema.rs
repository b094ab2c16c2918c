kiln::ruleset! {
    pub struct Rules = "rules/unknown_key.toml";
    schema = "rules/fields.txt";
}

fn main() {
    let _ = Rules::matcher();
}
