//! Writes the tables of a compiled set. One `static` per big table keeps rustc's work per item small.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use rule_runtime::literal::{Literal, LiteralTable};
use rule_runtime::sequence::Pipe;
use rule_runtime::set::{
    Dispatch, DispatchField, FieldLiterals, Residual, Rule, RuleKind, Samples, Sequences, Step, Target, Test,
};

use super::emit::{Emit, bytes, option, slice, unsuffixed};
use super::{CodegenOptions, residual};
use crate::plan::Plan;

/// The items of a set: tables, residual functions, and `SET`, which refers to them. `rt` is the path of the runtime.
pub(super) fn items(plan: &Plan<'_>, options: CodegenOptions, rt: &TokenStream) -> TokenStream {
    let set = &plan.set;
    let predicates = emitted("PREDICATES", &quote!(set::Test<'static>), set.predicates, rt);
    let literals = emitted("LITERALS", &quote!(set::FieldLiterals<'static>), set.literals, rt);
    let filters = emitted("FILTERS", &quote!(set::Target), set.filters, rt);
    let rules = emitted("RULES", &quote!(set::Rule<'static>), set.rules, rt);
    let sequences = emitted("SEQUENCES", &quote!(set::Sequences<'static>), set.sequences, rt);
    let samples = set.samples.emit(rt);
    let (functions, units) = units(plan, options, rt);
    let (format, fingerprint) = (set.format, set.fingerprint);
    let tree = set.tree.emit(rt);
    let dispatch = set.dispatch.emit(rt);
    quote! {
        #predicates #literals #filters #rules #sequences #functions #units
        static SET: #rt::set::RuleSet<'static> = #rt::set::RuleSet {
            format: #format,
            fingerprint: #fingerprint,
            tree: #tree,
            predicates: &PREDICATES,
            literals: &LITERALS,
            units: &UNITS,
            filters: &FILTERS,
            dispatch: #dispatch,
            rules: &RULES,
            sequences: &SEQUENCES,
            samples: #samples,
        };
    }
}

/// `static NAME: [ty; n] = [..];` with `ty` a path in the runtime.
fn emitted<T: Emit>(name: &str, ty: &TokenStream, items: &[T], rt: &TokenStream) -> TokenStream {
    table(name, &quote!(#rt::#ty), items.iter().map(|item| item.emit(rt)))
}

fn table(name: &str, ty: &TokenStream, items: impl ExactSizeIterator<Item = TokenStream>) -> TokenStream {
    let count = items.len();
    let names: Vec<_> = (0..count).map(|index| format_ident!("{name}_{index}")).collect();
    let name = Ident::new(name, Span::call_site());
    // An item each: rustc's work on one body grows faster than the body.
    quote! {
        #(const #names: #ty = #items;)*
        static #name: [#ty; #count] = [#(#names),*];
    }
}

/// The residual functions, and the table of units that names them.
fn units(plan: &Plan<'_>, options: CodegenOptions, rt: &TokenStream) -> (TokenStream, TokenStream) {
    let mut functions = TokenStream::new();
    let mut entries = Vec::new();
    for (index, (unit, explained)) in plan.set.units.iter().zip(&plan.explain.units).enumerate() {
        let residual = match unit.residual {
            Residual::Program(_) if options.residual_functions => {
                let name = format_ident!("unit_{index}");
                functions.extend(residual::function(&name, &explained.residual, rt));
                quote!(Code(#name))
            }
            Residual::Program(steps) => {
                let steps = slice(steps, rt);
                quote!(Program(#steps))
            }
            Residual::Always | Residual::Code(_) => quote!(Always),
        };
        let (filter, asks) = (unit.filter, unit.asks);
        let needs = unit.needs.iter().map(|clause| slice(clause, rt));
        let reads = unsuffixed(unit.reads.iter().copied());
        entries.push(quote! {
            #rt::set::Unit {
                filter: #filter,
                needs: &[#(#needs),*],
                reads: #reads,
                asks: #asks,
                residual: #rt::set::Residual::#residual,
            }
        });
    }
    (functions, table("UNITS", &quote!(#rt::set::Unit<'static>), entries.into_iter()))
}

impl Emit for Step {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let Self { test, then, otherwise } = self;
        quote!(#rt::set::Step { test: #test, then: #then, otherwise: #otherwise })
    }
}

impl Emit for Test<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        match self {
            Self::Predicate(predicate) => {
                let predicate = predicate.emit(rt);
                quote!(#rt::set::Test::Predicate(#predicate))
            }
            Self::Literal { table, ids } => {
                let ids = unsuffixed(ids.iter().map(|&id| u64::from(id)));
                quote!(#rt::set::Test::Literal { table: #table, ids: #ids })
            }
        }
    }
}

impl Emit for FieldLiterals<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let (slot, table) = (self.slot.emit(rt), self.table.emit(rt));
        quote!(#rt::set::FieldLiterals { slot: #slot, table: #table })
    }
}

impl Emit for LiteralTable<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let buckets = unsuffixed(self.buckets.iter().map(|&bucket| u64::from(bucket)));
        let literals = slice(self.literals, rt);
        let longest = self.longest;
        quote!(#rt::literal::LiteralTable { buckets: #buckets, literals: #literals, longest: #longest })
    }
}

impl Emit for Literal<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let (folded, id) = (bytes(self.folded()), self.id());
        let lower = option(self.lower().as_ref(), rt);
        let exact = self.exact().iter().map(|(text, id)| {
            let text = bytes(text);
            quote!((#text, #id))
        });
        quote!(#rt::literal::Literal::new(#folded, #id, #lower, &[#(#exact),*]))
    }
}

impl Emit for Target {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        match self {
            Self::Rule(rule) => quote!(#rt::set::Target::Rule(#rule)),
            Self::Sequence { order, hit } => {
                let hit = hit.emit(rt);
                quote!(#rt::set::Target::Sequence { order: #order, hit: #hit })
            }
            Self::Sample(hit) => {
                let hit = hit.emit(rt);
                quote!(#rt::set::Target::Sample(#hit))
            }
        }
    }
}

impl Emit for Dispatch<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let (words, early) = (self.words, self.early);
        let all = unsuffixed(self.all.iter().copied());
        let fields = slice(self.fields, rt);
        quote!(#rt::set::Dispatch { words: #words, all: #all, fields: #fields, early: #early })
    }
}

impl Emit for DispatchField<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let (table, slot) = (self.table, self.slot.emit(rt));
        let row_of_literal = unsuffixed(self.row_of_literal.iter().map(|&row| u64::from(row)));
        let rows = unsuffixed(self.rows.iter().copied());
        quote!(#rt::set::DispatchField { table: #table, row_of_literal: #row_of_literal, rows: #rows, slot: #slot })
    }
}

impl Emit for Rule<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let info = self.info.emit(rt);
        let kind = match self.kind {
            RuleKind::Event => quote!(Event),
            RuleKind::Sequence => quote!(Sequence),
            RuleKind::Sample => quote!(Sample),
            RuleKind::Off => quote!(Off),
        };
        let pipes = slice(self.pipes, rt);
        quote!(#rt::set::Rule { info: #info, kind: #rt::set::RuleKind::#kind, pipes: #pipes })
    }
}

impl Emit for Pipe {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        match self {
            Self::Head(count) => quote!(#rt::sequence::Pipe::Head(#count)),
            Self::Tail(count) => quote!(#rt::sequence::Pipe::Tail(#count)),
        }
    }
}

impl Emit for Sequences<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let (timestamp, tiebreaker) = (self.timestamp.emit(rt), option(self.tiebreaker.as_ref(), rt));
        let (defs, rules) = (slice(self.defs, rt), slice(self.rules, rt));
        quote! {
            #rt::set::Sequences { timestamp: #timestamp, tiebreaker: #tiebreaker, defs: #defs, rules: #rules }
        }
    }
}

impl Emit for Samples<'_> {
    fn emit(&self, rt: &TokenStream) -> TokenStream {
        let (defs, rules) = (slice(self.defs, rt), slice(self.rules, rt));
        quote!(#rt::set::Samples { defs: #defs, rules: #rules })
    }
}
