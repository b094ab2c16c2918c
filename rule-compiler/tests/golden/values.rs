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
    ///(process.name like~ "*.exe" and process.name an expression)
    fn unit_0(cx: &mut C<'_>) -> ::core::primitive::bool {
        cx.test(8u32) && cx.test(9u32)
    }
    ///(event.code in "4624" and not network.up is false)
    fn unit_1(cx: &mut C<'_>) -> ::core::primitive::bool {
        cx.test(15u32) && !cx.test(17u32)
    }
    ///(event.code in (-3, 4625) and not network.up is false)
    fn unit_2(cx: &mut C<'_>) -> ::core::primitive::bool {
        cx.test(16u32) && !cx.test(17u32)
    }
    ///(network.up is true and (destination.port in 443 or destination.port in 0.5))
    fn unit_3(cx: &mut C<'_>) -> ::core::primitive::bool {
        cx.test(13u32) && (cx.test(11u32) || cx.test(12u32))
    }
    ///(source.port compared with a number and source.ip in a block of addresses)
    fn unit_5(cx: &mut C<'_>) -> ::core::primitive::bool {
        cx.test(2u32) && cx.test(3u32)
    }
    ///(destination.port compared with a number and destination.port compared with a number)
    fn unit_6(cx: &mut C<'_>) -> ::core::primitive::bool {
        cx.test(18u32) && cx.test(19u32)
    }
    ///(not process.pid in -1 and @timestamp compared with a time and process.name an expression)
    fn unit_7(cx: &mut C<'_>) -> ::core::primitive::bool {
        !cx.test(6u32) && cx.test(7u32) && cx.test(5u32)
    }
    static SET: ::kiln::__rt::packed::StaticSet = ::kiln::__rt::packed::StaticSet::new(
        "155 bytes",
        b"1963 bytes, fingerprint 560511c6a4a952af",
        &[unit_0, unit_1, unit_2, unit_3, unit_5, unit_6, unit_7],
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
