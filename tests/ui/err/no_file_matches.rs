kiln::ruleset! {
    pub struct Rules = 
        "rules/nothing/*.toml",
        "rules/crlf.toml",
        "rules/**x/[.toml",
        "!rules/[.toml";
}

fn main() {
    let _ = Rules::matcher();
}
