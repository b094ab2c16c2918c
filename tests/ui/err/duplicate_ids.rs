kiln::ruleset! {
    pub struct Rules = "rules/same_id_*.toml";
}

fn main() {
    let _ = Rules::matcher();
}
