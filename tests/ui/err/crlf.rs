kiln::ruleset! {
    pub struct Rules = "rules/crlf.toml";
}

fn main() {
    let _ = Rules::matcher();
}
