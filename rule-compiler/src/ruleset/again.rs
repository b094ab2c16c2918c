//! The rules of a compiled set, read again when a program starts.
//!
//! In: the files that the set was made of, and exceptions and overlays that the build did not know. Out: the rules as the
//! build would have read them with these; to be planned as any others. Exceptions are part of the queries, so nothing
//! of the matching, of sequences or of state has to know that there are some.

use rule_lang::ruleset::{self, Extras, Options, RuleSet};
use rule_lang::schema::{self, Schema};
use rule_lang::source::{SourceFile, Sources};
use rule_runtime::files::{File, RuleFiles};

/// Reads and checks rules again, with more exceptions and overlays; overlays apply behind those of the build. Exceptions
/// end by the clock of `extras`, those of the build as well.
///
/// ```
/// use bumpalo::Bump;
/// use rule_compiler::{plan, ruleset};
/// use rule_lang::{exception::Clock, ruleset::Extras};
/// use rule_runtime::{engine::Matcher, files::RuleFiles, sequence::EventRef};
///
/// # const RULE: &[u8] = br#"
/// # [rule]
/// # name = "Root Does Something"
/// # rule_id = "00000000-0000-4000-8000-000000000001"
/// # type = "query"
/// # language = "kuery"
/// # description = "A rule"
/// # author = ["Kiln"]
/// # severity = "low"
/// # risk_score = 1
/// # query = "user.name: root"
/// # exceptions_list = [{ list_id = "site" }]
/// # "#;
/// // `Rules::files()`, if the macro says `files = true;`.
/// let files = RuleFiles { rules: &[("rule.toml", RULE)], ..RuleFiles::default() };
/// let list = br#"{"list_id":"site","item_id":"i","name":"The backup",
///     "entries":[{"field":"host.name","type":"match","value":"nas","operator":"included"}]}"#;
/// let list = list.iter().map(|&byte| if byte == b'\n' { b' ' } else { byte }).collect();
/// let extras = Extras {
///     exceptions: vec![("site.ndjson".to_owned(), list)],
///     clock: Clock::system(false),
///     ..Extras::default()
/// };
///
/// let rules = ruleset::load_again(&files, extras);
/// assert!(!rules.has_errors(), "{:?}", rules.diagnostics);
/// let arena = Bump::new();
/// let plan = plan::plan(&ruleset::inputs(&rules, &arena), &plan::PlanOptions::default(), &arena);
/// let mut matcher = Matcher::new(&plan.set);
/// let mut fires = |line: &[u8]| matcher.json(line, EventRef(0)).is_ok_and(|found| found.matches().len() == 1);
/// assert!(fires(br#"{"user":{"name":"root"},"host":{"name":"web"}}"#));
/// assert!(!fires(br#"{"user":{"name":"root"},"host":{"name":"nas"}}"#));
/// ```
pub fn load_again(files: &RuleFiles<'_>, extras: Extras) -> RuleSet {
    let schema = schema(files);
    let all = Extras {
        exceptions: owned(files.exceptions).chain(extras.exceptions).collect(),
        overlays: owned(files.overlays).chain(extras.overlays).collect(),
        clock: extras.clock,
    };
    ruleset::load_with(owned(files.rules), all, &Options { schema: &schema, strict: files.strict })
}

/// The fields as the build knew them; it has told what was wrong with the file.
fn schema(files: &RuleFiles<'_>) -> Schema {
    let mut schema = if files.no_builtin { Schema::open() } else { schema::builtin().clone() };
    if files.closed {
        schema.close();
    }
    if let Some((path, text)) = files.schema {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new(path, String::from_utf8_lossy(text)));
        schema::parse_fields(sources.get(file), file, &mut schema);
    }
    schema
}

fn owned<'f>(files: &'f [File<'_>]) -> impl Iterator<Item = (String, Vec<u8>)> + 'f {
    files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()))
}
