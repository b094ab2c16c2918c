kiln::ruleset! {
    pub struct Rules = "rules/good.toml";
    strict = ["unsuported"];
}

kiln::ruleset! {
    pub struct Others = "rules/good.toml";
    strict = "all";
}

fn main() {
    let _ = (Rules::matcher(), Others::matcher());
}
