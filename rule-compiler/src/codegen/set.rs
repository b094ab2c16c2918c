//! Writes a compiled set: its tables packed into two literals, its residuals as functions.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use rule_runtime::packed::{Packed, pack};
use rule_runtime::set::{Residual, Unit};

use super::{CodegenOptions, residual};
use crate::plan::{ExplainedUnit, Plan};

/// The residual functions, and `SET`, which holds all else. `rt` is the path of the runtime.
pub(super) fn items(plan: &Plan<'_>, options: CodegenOptions, rt: &TokenStream) -> TokenStream {
    let packed = pack(&plan.set, |_| options.residual_functions);
    let (texts, data) = if options.for_people { sizes(&packed, plan) } else { literals(&packed) };
    let units: Vec<_> = if options.residual_functions { functions(plan).collect() } else { Vec::new() };
    let functions = units.iter().map(|(name, unit)| {
        let says = options.for_people.then(|| plan.explain.residual(unit)).map(|text| quote!(#[doc = #text]));
        let function = residual::function(name, &unit.residual);
        quote!(#says #function)
    });
    let (names, format) = (units.iter().map(|(name, _)| name), plan.set.format);
    quote! {
        const _: () = ::core::assert!(
            #rt::set::FORMAT == #format,
            "the crates of kiln that are built into the program and into the macro have different versions"
        );
        type C<'m> = #rt::engine::Context<'m>;
        #(#functions)*
        static SET: #rt::packed::StaticSet = #rt::packed::StaticSet::new(#texts, #data, &[#(#names),*]);
    }
}

/// The units that have something left to test, and the names of their functions.
fn functions<'p>(plan: &'p Plan<'_>) -> impl Iterator<Item = (Ident, &'p ExplainedUnit)> {
    let tests = |unit: &Unit<'_>| !matches!(unit.residual, Residual::Always);
    let units = plan.set.units.iter().zip(&plan.explain.units).enumerate();
    units
        .filter(move |(_, (unit, _))| tests(unit))
        .map(|(index, (_, explained))| (format_ident!("unit_{index}"), explained))
}

fn literals(packed: &Packed) -> (Literal, Literal) {
    (Literal::string(&packed.texts), Literal::byte_string(&packed.data))
}

fn sizes(packed: &Packed, plan: &Plan<'_>) -> (Literal, Literal) {
    let texts = format!("{} bytes", packed.texts.len());
    let data = format!("{} bytes, fingerprint {:016x}", packed.data.len(), plan.set.fingerprint);
    (Literal::string(&texts), Literal::byte_string(data.as_bytes()))
}
