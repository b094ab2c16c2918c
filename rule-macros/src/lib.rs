//! The macro people type. It forwards; everything is decided in `rule-compiler`, where it can be tested.

use proc_macro::TokenStream;

/// Compiles the rule files that match some patterns into a type.
///
/// See the documentation of the `kiln` crate.
#[proc_macro]
pub fn ruleset(input: TokenStream) -> TokenStream {
    rule_compiler::ruleset::expand(input.into(), &rule_compiler::ruleset::Surroundings::from_env()).into()
}
