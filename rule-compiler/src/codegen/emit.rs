//! How values of the runtime's types are written as Rust expressions.
//!
//! In: a value. Out: an expression that is that value, fit for a `static`, with absolute paths from the runtime module
//! `rt`. Big tables of numbers are written without suffixes: rustc reads them faster.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use rule_runtime::event::{Key, Name, Node, Slot, SlotTree};
use rule_runtime::sequence::{Hit, KeyDef, KeyKind, SampleDef, SequenceDef, StageDef};

/// A value that can be written as a constant expression.
pub trait Emit {
    /// The expression; `rt` is the absolute path of the runtime module, such as `::kiln::__rt`.
    fn emit(&self, rt: &TokenStream) -> TokenStream;
}

/// `b".."`
pub fn bytes(bytes: &[u8]) -> TokenStream {
    let literal = Literal::byte_string(bytes);
    quote!(#literal)
}

/// `&[.., ..]`
pub fn slice<T: Emit>(items: &[T], rt: &TokenStream) -> TokenStream {
    let items = items.iter().map(|item| item.emit(rt));
    quote!(&[#(#items),*])
}

/// `&[1, 2, 3]`
pub fn unsuffixed(numbers: impl Iterator<Item = u64>) -> TokenStream {
    let numbers = numbers.map(Literal::u64_unsuffixed);
    quote!(&[#(#numbers),*])
}

/// `Some(..)` or `None`
pub fn option<T: Emit>(value: Option<&T>, rt: &TokenStream) -> TokenStream {
    let none = || quote!(::core::option::Option::None);
    value.map_or_else(none, |value| {
        let value = value.emit(rt);
        quote!(::core::option::Option::Some(#value))
    })
}

impl Emit for &str {
    fn emit(&self, _: &TokenStream) -> TokenStream {
        quote!(#self)
    }
}

impl Emit for u64 {
    fn emit(&self, _: &TokenStream) -> TokenStream {
        quote!(#self)
    }
}

impl Emit for u32 {
    fn emit(&self, _: &TokenStream) -> TokenStream {
        quote!(#self)
    }
}

impl Emit for u16 {
    fn emit(&self, _: &TokenStream) -> TokenStream {
        quote!(#self)
    }
}

impl Emit for bool {
    fn emit(&self, _: &TokenStream) -> TokenStream {
        quote!(#self)
    }
}

impl Emit for Slot {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let number = self.0;
        quote!(#rt::event::Slot(#number))
    }
}

impl Emit for SlotTree<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let Self { names, escapable, .. } = self;
        let (paths, nodes, keys) = (slice(self.paths, rt), slice(self.nodes, rt), slice(self.keys, rt));
        let buckets = unsuffixed(self.buckets.iter().map(|&bucket| bucket.into()));
        let reach = unsuffixed(self.reach.iter().copied());
        let dispatch = unsuffixed(self.dispatch.iter().copied());
        quote! {
            #rt::event::SlotTree {
                names: #names,
                paths: #paths,
                nodes: #nodes,
                keys: #keys,
                buckets: #buckets,
                reach: #reach,
                dispatch: #dispatch,
                escapable: #escapable,
            }
        }
    }
}

impl Emit for Name {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let Self { start, len } = self;
        quote!(#rt::event::Name { start: #start, len: #len })
    }
}

impl Emit for Node {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let Self { first_key, first_bucket, bucket_shift, dispatch } = self;
        quote! {
            #rt::event::Node {
                first_key: #first_key,
                first_bucket: #first_bucket,
                bucket_shift: #bucket_shift,
                dispatch: #dispatch,
            }
        }
    }
}

impl Emit for Key {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let (name, Self { tail, first, first_mask, node, slot, .. }) = (self.name.emit(rt), self);
        quote! {
            #rt::event::Key {
                name: #name, tail: #tail, first: #first, first_mask: #first_mask, node: #node, slot: #slot,
            }
        }
    }
}

impl Emit for Hit {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let Self { sequence, filter } = self;
        quote!(#rt::sequence::Hit { sequence: #sequence, filter: #filter })
    }
}

impl Emit for SequenceDef<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let (stages, until) = (slice(self.stages, rt), option(self.until.as_ref(), rt));
        let maxspan = option(self.maxspan_millis.as_ref(), rt);
        quote!(#rt::sequence::SequenceDef { stages: #stages, maxspan_millis: #maxspan, until: #until })
    }
}

impl Emit for SampleDef<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let stages = slice(self.stages, rt);
        quote!(#rt::sequence::SampleDef { stages: #stages })
    }
}

impl Emit for StageDef<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let (keys, Self { filter, missing, .. }) = (slice(self.keys, rt), self);
        quote!(#rt::sequence::StageDef { filter: #filter, missing: #missing, keys: #keys })
    }
}

impl Emit for KeyDef {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let (slot, optional, kind) = (option(self.slot.as_ref(), rt), self.optional, self.kind.emit(rt));
        quote!(#rt::sequence::KeyDef { slot: #slot, optional: #optional, kind: #kind })
    }
}

impl Emit for KeyKind {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let name = match self {
            Self::Text => quote!(Text),
            Self::Number => quote!(Number),
            Self::Boolean => quote!(Boolean),
            Self::Ip => quote!(Ip),
            Self::Date => quote!(Date),
            Self::Any => quote!(Any),
        };
        quote!(#rt::sequence::KeyKind::#name)
    }
}
