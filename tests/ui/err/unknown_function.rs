kiln::ruleset! {
    pub struct Rules = "rules/unknown_function.toml";
}

fn main() {
    let _ = Rules::matcher();
}
