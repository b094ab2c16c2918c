kiln::ruleset! {
    pub struct Rules = "rules/crlf.toml";
    severty = true;
}

fn main() {
    let _ = Rules::matcher();
}
