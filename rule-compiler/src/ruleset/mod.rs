//! `ruleset! { .. }` as a plain function: arguments in, tokens out.
//!
//! Reads the files, has them checked, planned and written as Rust. Every finding of every file becomes a message of
//! its own; if one of them is an error, an empty set stands in, so that nothing else fails to compile.

mod again;
mod args;
mod files;
mod report;

use std::path::{Path, PathBuf};

use bumpalo::Bump;
use proc_macro2::TokenStream;
use quote::quote;
use rule_lang::exception::Clock;
use rule_lang::ruleset::{self, RuleSet};
use rule_lang::schema::{self, Schema};
use rule_lang::strict::Demand;

pub use self::again::load_again;
use self::args::Args;
use self::files::{Files, RuleFile};
use crate::codegen::{self, CodegenOptions, Wrapper};
use crate::plan::{self, PlanOptions, RuleInput, info};

/// Where a macro call stands.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The folder that patterns start from.
    pub root: PathBuf,
}

impl Surroundings {
    /// The crate that is being compiled, as Cargo tells.
    pub fn from_env() -> Self {
        let root = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from);
        Self { root }
    }
}

/// The tokens that a macro call stands for.
pub fn expand(input: TokenStream, surroundings: &Surroundings) -> TokenStream {
    let args = match syn::parse2::<Args>(input) {
        Ok(args) => args,
        Err(error) => return error.into_compile_error(),
    };
    let files = match Files::find(&surroundings.root, &args) {
        Ok(files) => files,
        Err(errors) => {
            return failed(
                &args,
                surroundings,
                &Files::default(),
                &errors.iter().map(syn::Error::to_compile_error).collect(),
            );
        }
    };
    match schema(&args, surroundings) {
        Ok(schema) => compile(&args, surroundings, &files, &schema),
        Err(errors) => failed(&args, surroundings, &files, &errors),
    }
}

/// The built-in schema with the user's fields on top.
fn schema(args: &Args, surroundings: &Surroundings) -> Result<Schema, TokenStream> {
    let mut schema = if args.options.no_builtin { Schema::open() } else { schema::builtin().clone() };
    if args.options.closed {
        schema.close();
    }
    let Some(path) = &args.options.schema else { return Ok(schema) };
    let text = std::fs::read_to_string(surroundings.root.join(path.value())).map_err(|error| {
        let message = format!("cannot read the schema {}: {error}", path.value());
        syn::Error::new(path.span(), message).into_compile_error()
    })?;
    report::schema(&path.value(), &text, &mut schema, path.span())?;
    Ok(schema)
}

fn compile(args: &Args, surroundings: &Surroundings, files: &Files, schema: &Schema) -> TokenStream {
    let options = ruleset::Options { schema, strict: args.options.strict.asks_for(Demand::UnknownFields) };
    let (contents, extras) = files.contents(Clock::system(true));
    let mut rules = ruleset::load_with(contents, extras, &options);
    rules.demand(args.options.strict);
    let mut messages = report::all(&rules, &files.all, args);
    if rules.has_errors() {
        return failed(args, surroundings, files, &messages);
    }
    let arena = Bump::new();
    let inputs: Vec<_> = inputs(&rules, &arena);
    let plan = plan::plan(&inputs, &PlanOptions::default(), &arena);
    if !plan.refused.is_empty() {
        messages.extend(report::refused(&plan.refused, &rules, &files.all));
        return failed(args, surroundings, files, &messages);
    }
    let codegen_options =
        CodegenOptions { residual_functions: !args.options.residual_programs, ..CodegenOptions::default() };
    with_wrapper(args, surroundings, files, |wrapper| {
        let code = codegen::emit(wrapper, &plan, codegen_options);
        quote!(#messages #code)
    })
}

/// The checked rules as the planner takes them.
pub fn inputs<'r, 'a>(rules: &'r RuleSet, arena: &'a Bump) -> Vec<RuleInput<'r, 'a>> {
    let input = |checked: &'r ruleset::CheckedRule| {
        let file = rules.sources.get(checked.rule.file).path();
        RuleInput { query: &checked.query, info: info::info(&checked.rule, file, arena) }
    };
    rules.rules.iter().map(input).collect()
}

fn failed(args: &Args, surroundings: &Surroundings, files: &Files, messages: &TokenStream) -> TokenStream {
    with_wrapper(args, surroundings, files, |wrapper| {
        let skeleton = codegen::skeleton(wrapper);
        quote!(#messages #skeleton)
    })
}

fn with_wrapper(
    args: &Args,
    surroundings: &Surroundings,
    files: &Files,
    write: impl FnOnce(&Wrapper<'_>) -> TokenStream,
) -> TokenStream {
    let facade = args.options.facade.as_ref().map_or_else(|| quote!(::kiln), |path| quote!(#path));
    let paths: Vec<_> = files.all.iter().map(|file| text(&file.path)).collect();
    let kept = args.options.files.then(|| kept(args, surroundings, files, &facade));
    write(&Wrapper {
        attributes: &args.attributes,
        visibility: &args.visibility,
        name: &args.name,
        facade: &facade,
        files: &paths,
        kept: kept.as_ref(),
    })
}

/// The files as the program keeps them.
fn kept(args: &Args, surroundings: &Surroundings, files: &Files, facade: &TokenStream) -> TokenStream {
    let list = |files: &[RuleFile]| {
        let (shown, paths) =
            (files.iter().map(|file| &file.shown), files.iter().map(|file| text(&file.path)));
        quote!(&[#((#shown, ::core::include_bytes!(#paths))),*])
    };
    let (rules, exceptions, overlays) = files.kinds();
    let (rules, exceptions, overlays) = (list(rules), list(exceptions), list(overlays));
    let schema = if let Some(shown) = &args.options.schema {
        let path = text(&surroundings.root.join(shown.value()));
        quote!(::core::option::Option::Some((#shown, ::core::include_bytes!(#path))))
    } else {
        quote!(::core::option::Option::None)
    };
    let (no_builtin, closed) = (args.options.no_builtin, args.options.closed);
    let strict = args.options.strict.asks_for(Demand::UnknownFields);
    quote! {
        #facade::files::RuleFiles {
            rules: #rules,
            exceptions: #exceptions,
            overlays: #overlays,
            schema: #schema,
            no_builtin: #no_builtin,
            closed: #closed,
            strict: #strict,
        }
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
