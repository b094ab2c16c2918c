//! Two sets in one module, in a function, in a block, with every visibility.
#![deny(warnings, missing_docs, unreachable_pub, unused, clippy::all, clippy::pedantic)]
#![deny(missing_debug_implementations, unsafe_code, non_upper_case_globals)]

kiln::ruleset! {
    /// Single events.
    struct Single = "rules/good.toml",;
    strict = true;
}

kiln::ruleset! {
    /// Groups of events.
    #[derive(PartialEq, Eq, Hash)]
    pub(crate) struct Groups = "rules/good_*.toml", "!rules/good_sample.toml";
}

mod inner {
    pub(super) mod innermost {
        kiln::ruleset! {
            /// For all of `inner`.
            pub(in crate::inner) struct Restricted = "rules/good*.toml";
        }
        kiln::ruleset! {
            /// For the module above.
            pub(super) struct Super = "rules/good*.toml";
        }
    }

    pub(super) fn count() -> usize {
        innermost::Restricted::set().rules.len() + innermost::Super::set().rules.len()
    }
}

fn rules_of<R: kiln::Ruleset>() -> usize {
    R::set().rules.len()
}

fn local() -> usize {
    kiln::ruleset! {
        struct Single = "rules/good_sample.toml";
    }
    rules_of::<Single>()
}

fn main() {
    let block = {
        kiln::ruleset! { struct Single = "rules/good*.toml"; }
        Single::set().rules.len()
    };
    assert_eq!((rules_of::<Single>(), rules_of::<Groups>(), local(), block, inner::count()), (1, 1, 1, 3, 6));
    assert_eq!(Groups, Groups);
    let line = br#"{"event":{"category":"process"},"process":{"name":"curl","args":["-x"],"pid":8}}"#;
    let mut matcher: kiln::Matcher<'static> = Single::matcher();
    let outcome = matcher.json(line, kiln::EventRef(0)).expect("the line is JSON");
    assert_eq!(outcome.matches().map(|rule| rule.info.name).collect::<Vec<_>>(), ["Test"]);
}
