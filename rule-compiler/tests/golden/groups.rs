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
    ///destination.port in 443
    fn unit_2(cx: &mut C<'_>) -> ::core::primitive::bool {
        cx.test(4u32)
    }
    ///event.type in "end"
    fn unit_4(cx: &mut C<'_>) -> ::core::primitive::bool {
        cx.test(5u32)
    }
    static SET: ::kiln::__rt::packed::StaticSet = ::kiln::__rt::packed::StaticSet::new(
        "132 bytes",
        b"1598 bytes, fingerprint 9bc851327b761626",
        &[unit_2, unit_4],
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
