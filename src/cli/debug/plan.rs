//! A plan for people, and as the source that the macro writes.

use std::fmt::Write as _;

use kiln::__rt::set::Target;
use rule_compiler::codegen::{self, CodegenOptions, Wrapper};
use rule_compiler::plan::Plan;

use crate::cli::Stop;

/// The dispatch fields, the shared tests, and what is left to test for each rule.
pub(super) fn describe(plan: &Plan<'_>) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_plan(plan, &mut out);
    out
}

fn write_plan(plan: &Plan<'_>, out: &mut String) -> std::fmt::Result {
    let (set, explain) = (&plan.set, &plan.explain);
    writeln!(
        out,
        "{} rules, {} tests, {} units, {} dispatch fields of {} words",
        set.rules.len(),
        explain.tests.len(),
        explain.units.len(),
        explain.dispatch.len(),
        set.dispatch.words,
    )?;
    writeln!(out, "\ndispatch, in order")?;
    for (field, path) in set.dispatch.fields.iter().zip(&explain.dispatch) {
        let rows = field.rows.len() / (set.dispatch.words as usize).max(1);
        writeln!(out, "  {path}: {rows} rows for {} texts", field.row_of_literal.len())?;
    }
    if !explain.anchors.is_empty() {
        writeln!(out, "\nanchors")?;
    }
    for (path, patterns, anchors) in &explain.anchors {
        writeln!(out, "  {path}: {anchors} for {patterns} patterns")?;
    }
    writeln!(out, "\ntests")?;
    for (at, test) in explain.tests.iter().enumerate() {
        writeln!(out, "  t{at}  {test}")?;
    }
    writeln!(out, "\nunits")?;
    for (at, unit) in explain.units.iter().enumerate() {
        let target = set.filters[unit.filter as usize];
        let rule = set.rule_of(target);
        let part = match target {
            Target::Rule(_) => String::new(),
            Target::Sequence { hit, .. } => format!(", filter {} of a sequence", hit.filter),
            Target::Sample(hit) => format!(", filter {} of a sample", hit.filter),
            Target::Threshold(_) => ", events of a threshold".to_owned(),
            Target::NewTerms(_) => ", events with new terms".to_owned(),
            Target::Threat(_) => ", events held against indicators".to_owned(),
            Target::Indicator(_) => ", indicators".to_owned(),
            Target::Suppressed(_) => ", suppressed".to_owned(),
        };
        writeln!(out, "  u{at}  {}{part}", set.rules[rule as usize].info.name)?;
        for clause in &unit.needs {
            writeln!(out, "      needs a value of {}", clause.join(" or "))?;
        }
        writeln!(out, "      {}", explain.residual(unit))?;
    }
    Ok(())
}

/// The source, formatted; of the packed tables only the size.
pub(super) fn code(plan: &Plan<'_>) -> Result<String, Stop> {
    let name = syn::parse_str("Rules").map_err(|error| unreadable(&error))?;
    let visibility = syn::parse_str("pub").map_err(|error| unreadable(&error))?;
    let facade = syn::parse_str::<syn::Path>("::kiln").map_err(|error| unreadable(&error))?;
    let facade = quote::quote!(#facade);
    let wrapper = Wrapper {
        attributes: &[],
        visibility: &visibility,
        name: &name,
        facade: &facade,
        files: &[],
        kept: None,
    };
    let options = CodegenOptions { for_people: true, ..CodegenOptions::default() };
    let tokens = codegen::emit(&wrapper, plan, options);
    let file = syn::parse2(tokens).map_err(|error| unreadable(&error))?;
    Ok(prettyplease::unparse(&file))
}

fn unreadable(error: &syn::Error) -> Stop {
    Stop::failure(format!("the generated code cannot be read back: {error}"))
}
