kiln::ruleset! {
    pub struct Rules = "rules/ten_mistakes.toml";
}

fn main() {
    let _ = Rules::matcher();
}
