kiln::ruleset! {
    pub struct Rules = "rules/bad_regex.toml";
}

fn main() {
    let _ = Rules::matcher();
}
