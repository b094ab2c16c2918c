kiln::ruleset! {
    pub struct Rules = "rules/strings.toml", "rules/pipes.toml", "rules/crlf.toml";
}

fn count<R: kiln::Ruleset>() -> usize {
    R::set().rules.len()
}

fn main() {
    let mut matcher = Rules::matcher();
    let outcome = matcher.json(b"{}", kiln::EventRef(0)).unwrap();
    println!("{} {} {:?}", outcome.matches().count(), count::<Rules>(), Rules);
}
