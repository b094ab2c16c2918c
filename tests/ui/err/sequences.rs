kiln::ruleset! {
    pub struct Rules = "rules/sequence_*.toml", "rules/sample_until.toml";
}

fn main() {
    let _ = Rules::matcher();
}
