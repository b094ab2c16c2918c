kiln::ruleset! {
    pub struct Rules = "rules/unknown_key.toml", "rules/crlf.toml";
    warnings = false;
}

fn main() {
    let _ = Rules::matcher();
}
