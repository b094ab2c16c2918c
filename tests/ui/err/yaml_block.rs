kiln::ruleset! {
    pub struct Rules = "rules/yaml_block.yml";
}

fn main() {
    let _ = Rules::matcher();
}
