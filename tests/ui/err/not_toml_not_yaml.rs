kiln::ruleset! {
    pub struct Rules = "rules/not_toml.toml", "rules/not_yaml.yml";
}

fn main() {
    let _ = Rules::matcher();
}
