kiln::ruleset! {
    pub struct Rules = "rules/crlf.toml";
    residuals = "fast";
}

fn main() {
    let _ = Rules::matcher();
}
