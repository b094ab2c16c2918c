kiln::ruleset! {
    pub struct Rules = "rules/disabled.toml", "rules/filter_script.toml", "rules/other_type.toml";
    strict = ["unsupported", "duplicate"];
    warnings = false;
}

fn main() {
    let _ = Rules::matcher();
}
