kiln::ruleset! {
    pub struct Rules =
        "rules/disabled.toml",
        "rules/switched_off.toml",
        "rules/filter_script.toml",
        "rules/other_type.toml",
        "rules/same_id_*.toml";
    overlays = "rules/overlay_off.yml";
    strict = true;
}

fn main() {
    let _ = Rules::matcher();
}
