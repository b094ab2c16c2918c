//! Predicates as constant expressions.
//!
//! Everything is nested in place: rustc promotes the references of a `static` to statics of their own.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;
use rule_runtime::matcher::date_math::{DateStep, Unit};
use rule_runtime::matcher::glob::{Needle, Pattern, Shape};
use rule_runtime::matcher::ip::Block;
use rule_runtime::matcher::{Dfa, Expr, ExprTest, Formula, Number, Predicate};

use super::emit::{Emit, bytes, slice, unsuffixed};

/// Writes enums without data by the name of their variant.
macro_rules! emit_by_name {
    ($($name:ident),*) => {$(
        impl Emit for rule_runtime::matcher::$name {
            fn emit(&self, rt: &TokenStream) -> TokenStream {
                let variant = Ident::new(&format!("{self:?}"), Span::call_site());
                quote!(#rt::matcher::$name::#variant)
            }
        }
    )*};
}

emit_by_name!(Arithmetic, Case, Compare, FieldKind, TextFunction);

impl Emit for Predicate<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let variant = match self {
            Self::Exists { slot } => {
                let slot = slot.emit(rt);
                quote!(Exists { slot: #slot })
            }
            Self::Missing { slot } => {
                let slot = slot.emit(rt);
                quote!(Missing { slot: #slot })
            }
            Self::Text { slot, literals, case } => {
                let (slot, literals, case) = (slot.emit(rt), slice(literals, rt), case.emit(rt));
                quote!(Text { slot: #slot, literals: #literals, case: #case })
            }
            Self::TextOrder { slot, op, value } => {
                let (slot, op, value) = (slot.emit(rt), op.emit(rt), bytes(value));
                quote!(TextOrder { slot: #slot, op: #op, value: #value })
            }
            Self::Like { slot, patterns, case } => {
                let (slot, patterns, case) = (slot.emit(rt), slice(patterns, rt), case.emit(rt));
                quote!(Like { slot: #slot, patterns: #patterns, case: #case })
            }
            Self::Regex { slot, dfas } => {
                let (slot, dfas) = (slot.emit(rt), slice(dfas, rt));
                quote!(Regex { slot: #slot, dfas: #dfas })
            }
            Self::NumberOrder { slot, kind, op, value } => {
                let (slot, kind, op, value) = (slot.emit(rt), kind.emit(rt), op.emit(rt), value.emit(rt));
                quote!(NumberOrder { slot: #slot, kind: #kind, op: #op, value: #value })
            }
            Self::NumberIn { slot, kind, values } => {
                let (slot, kind, values) = (slot.emit(rt), kind.emit(rt), slice(values, rt));
                quote!(NumberIn { slot: #slot, kind: #kind, values: #values })
            }
            Self::Bool { slot, value } => {
                let slot = slot.emit(rt);
                quote!(Bool { slot: #slot, value: #value })
            }
            Self::Date { slot, op, nanos } => {
                let (slot, op) = (slot.emit(rt), op.emit(rt));
                quote!(Date { slot: #slot, op: #op, nanos: #nanos })
            }
            Self::Cidr { slot, blocks } => {
                let (slot, blocks) = (slot.emit(rt), slice(blocks, rt));
                quote!(Cidr { slot: #slot, blocks: #blocks })
            }
            Self::IpOrder { slot, op, address } => {
                let (slot, op) = (slot.emit(rt), op.emit(rt));
                quote!(IpOrder { slot: #slot, op: #op, address: #address })
            }
            Self::VersionOrder { slot, op, version } => {
                let (slot, op, version) = (slot.emit(rt), op.emit(rt), bytes(version));
                quote!(VersionOrder { slot: #slot, op: #op, version: #version })
            }
            Self::Any(predicates) => {
                let predicates = slice(predicates, rt);
                quote!(Any(#predicates))
            }
            Self::Expr { occurrences, test } => {
                let (occurrences, test) = (slice(occurrences, rt), test.emit(rt));
                quote!(Expr { occurrences: #occurrences, test: #test })
            }
            Self::DateIn { slot, first, last } => {
                let slot = slot.emit(rt);
                quote!(DateIn { slot: #slot, first: #first, last: #last })
            }
            Self::DateMath { slot, clock, op, steps } => {
                let (slot, clock, op, steps) = (slot.emit(rt), clock.emit(rt), op.emit(rt), slice(steps, rt));
                quote!(DateMath { slot: #slot, clock: #clock, op: #op, steps: #steps })
            }
            Self::Phrase { slot, phrases } => {
                let (slot, phrases) = (slot.emit(rt), slice(phrases, rt));
                quote!(Phrase { slot: #slot, phrases: #phrases })
            }
            Self::Word { slot, patterns } => {
                let (slot, patterns) = (slot.emit(rt), slice(patterns, rt));
                quote!(Word { slot: #slot, patterns: #patterns })
            }
            Self::AnyField { name, test } => {
                let (name, test) = (name.emit(rt), test.emit(rt));
                quote!(AnyField { name: #name, test: &#test })
            }
            Self::Nested { path, fields, test } => {
                let (fields, test) = (slice(fields, rt), test.emit(rt));
                quote!(Nested { path: #path, fields: #fields, test: &#test })
            }
        };
        quote!(#rt::matcher::Predicate::#variant)
    }
}

/// A byte string as a slice: a list of them would not take references to arrays of different lengths.
impl Emit for &[u8] {
    fn emit(&self, _: &TokenStream) -> TokenStream {
        let text = bytes(self);
        quote!(#text as &[::core::primitive::u8])
    }
}

/// A list inside a list.
impl Emit for &[&[u8]] {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let parts = slice(self, rt);
        quote!(#parts as &[&[::core::primitive::u8]])
    }
}

impl Emit for DateStep {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let unit = |unit: &Unit| Ident::new(&format!("{unit:?}"), Span::call_site());
        let step = match self {
            Self::Add(count, of) => {
                let of = unit(of);
                quote!(Add(#count, #rt::matcher::date_math::Unit::#of))
            }
            Self::Round(of) => {
                let of = unit(of);
                quote!(Round(#rt::matcher::date_math::Unit::#of))
            }
        };
        quote!(#rt::matcher::date_math::DateStep::#step)
    }
}

impl Emit for Formula<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let formula = match self {
            Self::Const(value) => quote!(Const(#value)),
            Self::Test(predicate) => {
                let predicate = predicate.emit(rt);
                quote!(Test(&#predicate))
            }
            Self::Not(inner) => {
                let inner = inner.emit(rt);
                quote!(Not(&#inner))
            }
            Self::All(parts) => {
                let parts = slice(parts, rt);
                quote!(All(#parts))
            }
            Self::One(parts) => {
                let parts = slice(parts, rt);
                quote!(One(#parts))
            }
        };
        quote!(#rt::matcher::Formula::#formula)
    }
}

impl Emit for Number {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let number = match self {
            Self::Int(value) => quote!(Int(#value)),
            Self::Long(value) => quote!(Long(#value)),
            Self::ULong(value) => quote!(ULong(#value)),
            Self::Double(value) => {
                let bits = value.to_bits();
                quote!(Double(#rt::matcher::Double::from_bits(#bits)))
            }
        };
        quote!(#rt::matcher::Number::#number)
    }
}

impl Emit for Block {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let (base, length) = (self.base(), self.length());
        quote!(#rt::matcher::ip::Block::new(#base, #length))
    }
}

impl Emit for Pattern<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let shape = match self.shape() {
            Shape::Any => quote!(Any),
            Shape::Exact(text) => with_text("Exact", text),
            Shape::Prefix(text) => with_text("Prefix", text),
            Shape::Suffix(text) => with_text("Suffix", text),
            Shape::Contains(needle) => {
                let needle = needle.emit(rt);
                quote!(Contains(#needle))
            }
            Shape::Wild(text) => with_text("Wild", text),
            Shape::Around { prefix, suffix } => {
                let (prefix, suffix) = (bytes(prefix), bytes(suffix));
                quote!(Around { prefix: #prefix, suffix: #suffix })
            }
            Shape::Parts { prefix, middle, suffix } => {
                let (prefix, middle, suffix) = (bytes(prefix), slice(middle, rt), bytes(suffix));
                quote!(Parts { prefix: #prefix, middle: #middle, suffix: #suffix })
            }
        };
        quote!(#rt::matcher::glob::Pattern::new(#rt::matcher::glob::Shape::#shape))
    }
}

impl Emit for Needle<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let text = bytes(self.text());
        quote!(#rt::matcher::glob::Needle::new(#text))
    }
}

fn with_text(variant: &str, text: &[u8]) -> TokenStream {
    let (variant, text) = (Ident::new(variant, Span::call_site()), bytes(text));
    quote!(#variant(#text))
}

impl Emit for Dfa<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let Self { width, start, accepting, .. } = self;
        // One token where an array of numbers would be five hundred.
        let classes = Literal::byte_string(self.classes);
        let transitions = unsuffixed(self.transitions.iter().map(|next| u64::from(*next)));
        quote! {
            #rt::matcher::Dfa {
                classes: #classes,
                transitions: #transitions,
                width: #width,
                start: #start,
                accepting: #accepting,
            }
        }
    }
}

impl Emit for ExprTest<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let test = match self {
            Self::Compare(op, sides) => {
                let (op, sides) = (op.emit(rt), slice(&sides[..], rt));
                quote!(Compare(#op, #sides))
            }
            Self::In(value, list, case) => {
                let (value, list, case) = (value.emit(rt), slice(list, rt), case.emit(rt));
                quote!(In(&#value, #list, #case))
            }
            Self::Like(value, patterns, case) => {
                let (value, patterns, case) = (value.emit(rt), slice(patterns, rt), case.emit(rt));
                quote!(Like(&#value, #patterns, #case))
            }
            Self::Regex(value, dfas) => {
                let (value, dfas) = (value.emit(rt), slice(dfas, rt));
                quote!(Regex(&#value, #dfas))
            }
            Self::IsNull(value) => {
                let value = value.emit(rt);
                quote!(IsNull(&#value))
            }
            Self::True(value) => {
                let value = value.emit(rt);
                quote!(True(&#value))
            }
        };
        quote!(#rt::matcher::ExprTest::#test)
    }
}

impl Emit for Expr<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let expr = match self {
            Self::Null => quote!(Null),
            Self::Bool(value) => quote!(Bool(#value)),
            Self::Number(value) => {
                let value = value.emit(rt);
                quote!(Number(#value))
            }
            Self::Text(text) => with_text("Text", text),
            Self::Field(index, kind) => {
                let kind = kind.emit(rt);
                quote!(Field(#index, #kind))
            }
            Self::Negate(value) => {
                let value = value.emit(rt);
                quote!(Negate(&#value))
            }
            Self::Arithmetic(op, sides) => {
                let (op, sides) = (op.emit(rt), slice(&sides[..], rt));
                quote!(Arithmetic(#op, #sides))
            }
            Self::Call(function, case, arguments) => {
                let (function, case, arguments) = (function.emit(rt), case.emit(rt), slice(arguments, rt));
                quote!(Call(#function, #case, #arguments))
            }
            Self::CidrMatch(address, blocks) => {
                let (address, blocks) = (address.emit(rt), slice(blocks, rt));
                quote!(CidrMatch(&#address, #blocks))
            }
        };
        quote!(#rt::matcher::Expr::#expr)
    }
}

#[cfg(test)]
mod tests;
