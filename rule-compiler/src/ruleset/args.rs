//! What stands between the braces of `ruleset! { .. }`.
//!
//! ```text
//! #[attributes]* visibility struct Name = "glob" [, "glob"]* ;
//! [key = value ;]*
//! ```

use proc_macro2::Span;
use rule_lang::rule::Word as _;
use rule_lang::strict::{Demand, Strict};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, LitBool, LitStr, Path, Token, Visibility, bracketed, token};

/// The parsed arguments.
pub(super) struct Args {
    /// Attributes and doc comments of the struct.
    pub attributes: Vec<Attribute>,
    /// Its visibility.
    pub visibility: Visibility,
    /// Its name.
    pub name: Ident,
    /// Which files, relative to the crate; those that begin with `!` take files away.
    pub patterns: Vec<LitStr>,
    /// The rest.
    pub options: Options,
}

/// The `key = value;` lines.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that users set on its own")]
pub(super) struct Options {
    /// `crate = path;`: where the facade is, if it was renamed.
    pub facade: Option<Path>,
    /// `schema = "fields.txt";`: a file with more fields.
    pub schema: Option<LitStr>,
    /// `exceptions = "glob", "glob";`: files of exception lists and value lists.
    pub exceptions: Vec<LitStr>,
    /// `overlays = "glob", "glob";`: files of overlays, in this order.
    pub overlays: Vec<LitStr>,
    /// `files = true;`: the program keeps the files, so that it can plan the rules again when it starts.
    pub files: bool,
    /// `builtin = false;`: only the schema file tells of fields, not the built-in table.
    pub no_builtin: bool,
    /// `closed = true;`: unknown fields do not exist, as in an Elasticsearch mapping.
    pub closed: bool,
    /// `strict = true;` or `strict = ["disabled"];`: rules that are left out are errors.
    pub strict: Strict,
    /// `warnings = false;`: warnings are left to `kiln check`.
    pub hide_warnings: bool,
    /// `residuals = "program";`: decision programs in place of generated functions.
    pub residual_programs: bool,
}

impl Parse for Args {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        input.parse::<Token![struct]>()?;
        let name = input.parse()?;
        input.parse::<Token![=]>()?;
        let patterns = patterns(input)?;
        input.parse::<Token![;]>()?;
        let mut options = Options::default();
        while !input.is_empty() {
            options.parse_line(input)?;
        }
        Ok(Self { attributes, visibility, name, patterns, options })
    }
}

impl Options {
    fn parse_line(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        if input.parse::<Option<Token![crate]>>()?.is_some() {
            input.parse::<Token![=]>()?;
            self.facade = Some(input.call(Path::parse_mod_style)?);
        } else {
            let key = input.parse::<Ident>()?;
            input.parse::<Token![=]>()?;
            self.set(&key, input)?;
        }
        input.parse::<Token![;]>()?;
        Ok(())
    }

    fn set(&mut self, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        match key.to_string().as_str() {
            "schema" => self.schema = Some(input.parse()?),
            "exceptions" => self.exceptions = patterns(input)?,
            "overlays" => self.overlays = patterns(input)?,
            "files" => self.files = input.parse::<LitBool>()?.value,
            "builtin" => self.no_builtin = !input.parse::<LitBool>()?.value,
            "closed" => self.closed = input.parse::<LitBool>()?.value,
            "strict" => self.strict = strict(input)?,
            "warnings" => self.hide_warnings = !input.parse::<LitBool>()?.value,
            "residuals" => self.residual_programs = residuals(&input.parse()?)?,
            other => {
                let known = "known options are `crate`, `schema`, `exceptions`, `overlays`, `files`, `builtin`, `closed`, `strict`, `warnings`, `residuals`";
                return Err(error(key.span(), format!("unknown option `{other}`; {known}")));
            }
        }
        Ok(())
    }
}

/// One string or more, with commas between them.
fn patterns(input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    let mut patterns = vec![input.parse::<LitStr>()?];
    while input.parse::<Option<Token![,]>>()?.is_some() && !input.peek(Token![;]) {
        patterns.push(input.parse()?);
    }
    Ok(patterns)
}

/// `true`, `false`, or a list of what is asked for.
fn strict(input: ParseStream<'_>) -> syn::Result<Strict> {
    if input.peek(LitBool) {
        let all = input.parse::<LitBool>()?.value;
        return Ok(if all { Strict::ALL } else { Strict::default() });
    }
    if !input.peek(token::Bracket) {
        return Err(input.error("`strict` is `true`, `false`, or a list such as `[\"disabled\"]`"));
    }
    let list;
    bracketed!(list in input);
    let words = list.parse_terminated(<LitStr as Parse>::parse, Token![,])?;
    let demand = |word: &LitStr| {
        Demand::from_word(&word.value()).ok_or_else(|| {
            let known: Vec<_> = Demand::WORDS.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            let message =
                format!("unknown {} `{}`; known are {}", Demand::WHAT, word.value(), known.join(", "));
            error(word.span(), message)
        })
    };
    words.iter().map(demand).collect()
}

fn residuals(value: &LitStr) -> syn::Result<bool> {
    match value.value().as_str() {
        "code" => Ok(false),
        "program" => Ok(true),
        other => Err(error(value.span(), format!("`{other}` is neither \"code\" nor \"program\""))),
    }
}

fn error(span: Span, message: String) -> syn::Error {
    syn::Error::new(span, message)
}
