kiln::ruleset! {
    pub struct Rules = "rules/unknown_key.toml";
    schema = "rules/no_such_fields.txt";
}

fn main() {
    let _ = Rules::matcher();
}
