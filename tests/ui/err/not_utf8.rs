kiln::ruleset! {
    pub struct Rules = "rules/not_utf8.toml";
}

fn main() {
    let _ = Rules::matcher();
}
