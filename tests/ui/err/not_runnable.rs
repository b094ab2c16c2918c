kiln::ruleset! {
    pub struct Rules = "rules/filters.toml", "rules/no_query.toml";
}

fn main() {
    let _ = Rules::matcher();
}
