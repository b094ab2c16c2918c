//! Every name that emitted code could mean has another meaning here.
#![allow(dead_code, non_camel_case_types, unused_macros)]

mod core {}
mod std {}
mod alloc {}
mod kiln {}
mod __rt {}

struct Option;
struct Some;
struct None;
struct Vec;
struct Box;
struct String;
struct Result;
struct RuleSet;
struct Ruleset;
struct Matcher;
struct Context;
struct u8;
struct u16;
struct u32;
struct u64;
struct i64;
struct f64;
struct usize;
struct bool;
struct str;
trait Clone {}
trait Copy {}
trait Debug {}
const SET: () = ();
static RULES: () = ();
fn test() {}

macro_rules! include_bytes {
    ($($any:tt)*) => {
        compile_error!("another macro")
    };
}
macro_rules! compile_error_here {
    () => {};
}

::kiln::ruleset! {
    pub struct Rules = "rules/good*.toml";
}

::kiln::ruleset! {
    pub(crate) struct Programs = "rules/good*.toml";
    residuals = "program";
}

fn main() {
    ::std::assert_eq!(Rules::set().rules.len(), 3);
    ::std::assert_eq!(Programs::set().rules.len(), 3);
}
