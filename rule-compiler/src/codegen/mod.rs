//! A plan as Rust source.
//!
//! In: a [`Plan`]. Out: tokens that hold its tables in packed form and its residuals as functions. The same plan gives
//! the same tokens, byte for byte. All paths are absolute; names that user code could meet begin with `__kiln`
//! or stand inside a `const _` block.

mod residual;
mod set;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Ident, Visibility};

use crate::plan::Plan;

/// How a plan is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodegenOptions {
    /// Residuals are functions; otherwise decision programs that the engine runs.
    pub residual_functions: bool,
    /// For reading, not for compiling: functions say what they test, and of the literals only the size is shown.
    pub for_people: bool,
}

impl Default for CodegenOptions {
    fn default() -> Self {
        Self { residual_functions: true, for_people: false }
    }
}

/// The type that stands for a compiled set.
#[expect(
    missing_debug_implementations,
    reason = "syn prints trees only with a feature that costs build time"
)]
pub struct Wrapper<'w> {
    /// Attributes and doc comments.
    pub attributes: &'w [Attribute],
    /// Its visibility.
    pub visibility: &'w Visibility,
    /// Its name.
    pub name: &'w Ident,
    /// Path of the facade, such as `::kiln`.
    pub facade: &'w TokenStream,
    /// Absolute paths of the rule files, so that Cargo knows them.
    pub files: &'w [String],
    /// The files as a value that the program keeps, if it is to.
    pub kept: Option<&'w TokenStream>,
}

/// The type, the tables behind it and the tie to the rule files.
pub fn emit(wrapper: &Wrapper<'_>, plan: &Plan<'_>, options: CodegenOptions) -> TokenStream {
    let facade = wrapper.facade;
    let rt = quote!(#facade::__rt);
    let items = set::items(plan, options, &rt);
    wrap(wrapper, &rt, &items, &quote!(SET.get()))
}

/// The type over an empty set: what stands in for it when a rule is wrong, so that the message about the rule is the
/// only one.
pub fn skeleton(wrapper: &Wrapper<'_>) -> TokenStream {
    let facade = wrapper.facade;
    let rt = quote!(#facade::__rt);
    wrap(wrapper, &rt, &TokenStream::new(), &quote!(&#rt::set::RuleSet::EMPTY))
}

fn wrap(wrapper: &Wrapper<'_>, rt: &TokenStream, items: &TokenStream, set: &TokenStream) -> TokenStream {
    let Wrapper { attributes, visibility, name, facade, files, kept } = wrapper;
    let kept = kept.map(|kept| {
        quote! {
            impl #name {
                /// The files that the rules were compiled from.
                #[must_use]
                #[allow(dead_code, reason = "offered to users, who need not use it")]
                #visibility fn files() -> &'static #facade::files::RuleFiles<'static> {
                    &#kept
                }
            }
        }
    });
    quote! {
        #(#attributes)*
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #visibility struct #name;

        #[allow(clippy::all, clippy::pedantic, reason = "the tables are written by a machine")]
        const _: () = {
            #(const _: &[::core::primitive::u8] = ::core::include_bytes!(#files);)*
            #items
            impl #facade::Ruleset for #name {
                fn set() -> &'static #rt::set::RuleSet<'static> {
                    #set
                }
            }
            impl #name {
                /// The compiled rules.
                #[must_use]
                #[allow(dead_code, reason = "offered to users, who need not use it")]
                #visibility fn set() -> &'static #rt::set::RuleSet<'static> {
                    #set
                }

                /// A matcher over these rules, with the usual limits.
                #[must_use]
                #[allow(dead_code, reason = "offered to users, who need not use it")]
                #visibility fn matcher() -> #rt::engine::Matcher<'static> {
                    #rt::engine::Matcher::new(#set)
                }
            }
            #kept
        };
    }
}
