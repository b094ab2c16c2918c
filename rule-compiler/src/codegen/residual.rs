//! Writes a residual as a function: one boolean expression over the shared tests.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::plan::Tree;

/// `fn name(cx: &mut Context<'_>) -> bool` for `tree`.
pub(super) fn function(name: &Ident, tree: &Tree) -> TokenStream {
    let body = expression(tree);
    quote! {
        fn #name(cx: &mut C<'_>) -> ::core::primitive::bool {
            #body
        }
    }
}

fn expression(tree: &Tree) -> TokenStream {
    match tree {
        Tree::Const(value) => quote!(#value),
        Tree::Test(test) => {
            let number = test.0;
            quote!(cx.test(#number))
        }
        Tree::NotTest(test) => {
            let number = test.0;
            quote!(!cx.test(#number))
        }
        Tree::And(children) => {
            let children = children.iter().map(operand);
            quote!(#(#children)&&*)
        }
        Tree::Or(children) => {
            let children = children.iter().map(operand);
            quote!(#(#children)||*)
        }
    }
}

/// A child, in parentheses where it is a chain itself.
fn operand(tree: &Tree) -> TokenStream {
    let inner = expression(tree);
    if matches!(tree, Tree::And(_) | Tree::Or(_)) { quote!((#inner)) } else { inner }
}
