#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
struct Rules;
#[allow(clippy::all, clippy::pedantic, reason = "the tables are written by a machine")]
const _: () = {
    const _: &[::core::primitive::u8] = ::core::include_bytes!("/rules/one.toml");
    const _: () = ::core::assert!(
        ::kiln::__rt::set::FORMAT == 5u32,
        "the crates of kiln that are built into the program and into the macro have different versions"
    );
    type C<'m> = ::kiln::__rt::engine::Context<'m>;
    ///(process.name == null and not event.type == null)
    fn unit_0(cx: &mut C<'_>) -> ::core::primitive::bool {
        cx.test(7u32) && !cx.test(8u32)
    }
    ///(host.os.type in "linux" and not process.name in "wget")
    fn unit_1(cx: &mut C<'_>) -> ::core::primitive::bool {
        cx.test(5u32) && !cx.test(6u32)
    }
    ///event.type in "start"
    fn unit_4(cx: &mut C<'_>) -> ::core::primitive::bool {
        cx.test(3u32)
    }
    static SET: ::kiln::__rt::packed::StaticSet = ::kiln::__rt::packed::StaticSet::new(
        "88 bytes",
        b"1129 bytes, fingerprint cfbb4efcc908bb07",
        &[unit_0, unit_1, unit_4],
    );
    impl ::kiln::Ruleset for Rules {
        fn set() -> &'static ::kiln::__rt::set::RuleSet<'static> {
            SET.get()
        }
    }
    impl Rules {
        /// The compiled rules.
        #[must_use]
        #[allow(dead_code, reason = "offered to users, who need not use it")]
        fn set() -> &'static ::kiln::__rt::set::RuleSet<'static> {
            SET.get()
        }
        /// A matcher over these rules, with the usual limits.
        #[must_use]
        #[allow(dead_code, reason = "offered to users, who need not use it")]
        fn matcher() -> ::kiln::__rt::engine::Matcher<'static> {
            ::kiln::__rt::engine::Matcher::new(SET.get())
        }
    }
};
