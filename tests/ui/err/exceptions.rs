kiln::ruleset! {
    pub struct Rules = "rules/excepted.toml";
    exceptions = "rules/exceptions.yml";
    overlays = "rules/overlay.toml", "rules/no_such_overlay.toml";
}

kiln::ruleset! {
    pub struct Others = "rules/excepted.toml";
    exceptions = "rules/exceptions.yml";
    overlays = "rules/overlay.toml";
}

fn main() {
    let _ = (Rules::matcher(), Others::matcher());
}
