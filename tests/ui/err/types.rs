kiln::ruleset! {
    pub struct Rules = "rules/types.toml";
}

fn main() {
    let _ = Rules::matcher();
}
