kiln::ruleset! {
    pub enum Rules = "rules/crlf.toml";
}

kiln::ruleset! {
    pub struct Others "rules/crlf.toml";
}

kiln::ruleset! {
    pub struct Unnamed = rules;
}

fn main() {}
