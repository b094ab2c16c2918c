//! What is left out on purpose does not fail a build that asks for the rest.

mod all {
    kiln::ruleset! {
        pub struct Rules = "rules/good*.toml";
        strict = true;
    }
}

mod chosen {
    kiln::ruleset! {
        pub struct Rules = "rules/disabled.toml", "rules/good.toml", "rules/switched_off.toml";
        overlays = "rules/overlay_off.yml";
        strict = ["unsupported", "duplicate", "broken", "unknown-fields"];
        warnings = false;
    }
}

fn main() {
    assert!(all::Rules::set().rules.len() > 1);
    assert_eq!(chosen::Rules::set().rules.iter().filter(|rule| rule.info.enabled).count(), 1);
}
