//! Rules as Sigma says them.
//!
//! In: the checked condition of a single-event rule. Out: a Sigma rule as JSON (which is YAML), or why Sigma has no words
//! for it. Conditions are written as a Sigma author would: leaves that are and-ed share a selection, values of a field a
//! list, wildcards at the ends become `contains`, `startswith` and `endswith`. What is compared by case is `cased`.
//! Converted rules live in memory and in a temporary folder only.

use rule_lang::condition::{Call, Condition, Constant, Function, Leaf, QueryKind, Test, Value as Operand};
use rule_lang::eql::ast::{Case, CompareOp, Number};
use rule_lang::ruleset::CheckedRule;
use rule_lang::schema::FieldType;
use serde_json::{Map, Value, json};

/// Why a rule has no Sigma form.
pub(crate) type Reason = &'static str;

/// The rule, or why there is none.
pub(crate) fn convert(rule: &CheckedRule) -> Result<Value, Reason> {
    let QueryKind::Event(filter) = &rule.query.kind else { return Err("sequence or sample") };
    if !rule.query.pipes.is_empty() {
        return Err("pipe");
    }
    let mut writer = Writer::default();
    let condition = writer.condition(&filter.condition)?;
    writer.detection.insert("condition".to_owned(), json!(condition));
    let id = &rule.rule.rule_id.value;
    Ok(json!({
        "title": id, "id": id, "status": "test", "level": "medium", "logsource": {"category": "any"},
        "detection": writer.detection,
    }))
}

/// The selections so far.
#[derive(Default)]
struct Writer {
    detection: Map<String, Value>,
}

/// A field with its modifiers, and the values of which one is wanted.
type Item = (String, Value);

impl Writer {
    /// The expression that stands for a condition; what it names is in `detection`.
    fn condition(&mut self, condition: &Condition) -> Result<String, Reason> {
        match condition {
            Condition::Const(_) => Err("constant"),
            Condition::Not(inner) => Ok(format!("not {}", self.grouped(inner)?)),
            Condition::And(children) => self.and(children),
            Condition::Or(children) => self.or(children),
            Condition::Leaf(leaf) => {
                let items = items(leaf)?;
                Ok(self.any_of(items))
            }
        }
    }

    fn grouped(&mut self, condition: &Condition) -> Result<String, Reason> {
        let text = self.condition(condition)?;
        Ok(if text.contains(' ') { format!("({text})") } else { text })
    }

    fn and(&mut self, children: &[Condition]) -> Result<String, Reason> {
        let mut shared = Map::new();
        let mut parts = Vec::new();
        for child in children {
            if let Condition::Leaf(leaf) = child {
                let mut items = items(leaf)?;
                // A key stands for one item, so the same field with the same modifiers needs a selection of its own.
                if items.len() == 1 && !shared.contains_key(&items[0].0) {
                    shared.extend(items.pop());
                } else {
                    parts.push(self.any_of(items));
                }
            } else {
                parts.push(self.grouped(child)?);
            }
        }
        if !shared.is_empty() {
            parts.insert(0, self.name(Value::Object(shared)));
        }
        Ok(parts.join(" and "))
    }

    fn or(&mut self, children: &[Condition]) -> Result<String, Reason> {
        let mut alternatives = Vec::new();
        let mut parts = Vec::new();
        for child in children {
            match child {
                Condition::Leaf(leaf) => alternatives.extend(items(leaf)?),
                _ => parts.push(self.grouped(child)?),
            }
        }
        if !alternatives.is_empty() {
            parts.insert(0, self.any_of(alternatives));
        }
        Ok(parts.join(" or "))
    }

    /// A selection that holds if one of the items does.
    fn any_of(&mut self, items: Vec<Item>) -> String {
        let mut maps: Vec<Value> =
            items.into_iter().map(|item| Value::Object(Map::from_iter([item]))).collect();
        let selection = if maps.len() == 1 { maps.remove(0) } else { Value::Array(maps) };
        self.name(selection)
    }

    fn name(&mut self, selection: Value) -> String {
        let name = format!("s{}", self.detection.len());
        self.detection.insert(name.clone(), selection);
        name
    }
}

/// The items of which one must hold.
fn items(leaf: &Leaf) -> Result<Vec<Item>, Reason> {
    match &leaf.test {
        Test::Compare { op, left, right } => Ok(vec![compare(*op, left, right)?]),
        Test::In { value, list, case } => in_list(text_or_number_field(value)?, list, *case),
        Test::Like { value, patterns, case } => {
            let field = text_field(value)?;
            let mut items: Vec<(String, Vec<Value>)> = Vec::new();
            for pattern in patterns {
                let (modifier, value) = pattern_parts(pattern);
                let key = format!("{field}{modifier}{}", cased(*case));
                match items.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, values)) => values.push(json!(value)),
                    None => items.push((key, vec![json!(value)])),
                }
            }
            Ok(items.into_iter().map(|(key, values)| (key, Value::Array(values))).collect())
        }
        Test::Regex { .. } => Err("regex: Lucene's language is another one"),
        Test::IsNull(value) => Ok(vec![(format!("{}|exists", field(value)?.0), json!(false))]),
        Test::Call(call) => Ok(vec![function(call)?]),
        Test::Date { .. }
        | Test::Phrase { .. }
        | Test::Word { .. }
        | Test::AnyField { .. }
        | Test::Nested { .. }
        | Test::Shared(_) => Err("test of KQL, filters or exceptions"),
    }
}

fn compare(op: CompareOp, left: &Operand, right: &Operand) -> Result<Item, Reason> {
    let Operand::Constant(constant) = right else {
        return Err("comparison of two fields or of a computed value");
    };
    match (constant, op) {
        (Constant::Text(text), CompareOp::Eq) => {
            Ok((format!("{}|cased", text_field(left)?), json!(escaped(text))))
        }
        (Constant::Bool(wanted), CompareOp::Eq) => Ok((field(left)?.0.to_owned(), json!(wanted))),
        (Constant::Number(wanted), _) => {
            let modifier = match op {
                CompareOp::Eq => "",
                CompareOp::Lt => "|lt",
                CompareOp::Le => "|lte",
                CompareOp::Gt => "|gt",
                CompareOp::Ge => "|gte",
                CompareOp::Ne => return Err("computed value"),
            };
            Ok((format!("{}{modifier}", number_field(left)?), number(wanted)))
        }
        _ => Err("order of texts"),
    }
}

fn in_list((field, ty): (&str, FieldType), list: &[Constant], case: Case) -> Result<Vec<Item>, Reason> {
    let texts = list.iter().map(|constant| match constant {
        Constant::Text(text) if is_text(ty) => Some(json!(escaped(text))),
        _ => None,
    });
    if let Some(values) = texts.collect::<Option<Vec<_>>>() {
        return Ok(vec![(format!("{field}{}", cased(case)), Value::Array(values))]);
    }
    let numbers = list.iter().map(|constant| match constant {
        Constant::Number(wanted) if is_number(ty) => Some(number(wanted)),
        _ => None,
    });
    match numbers.collect::<Option<Vec<_>>>() {
        Some(values) => Ok(vec![(field.to_owned(), Value::Array(values))]),
        None => Err("list of constants that are no text or number"),
    }
}

fn function(call: &Call) -> Result<Item, Reason> {
    let modifier = match call.function {
        Function::StartsWith => "|startswith",
        Function::EndsWith => "|endswith",
        Function::StringContains => "|contains",
        Function::CidrMatch => "|cidr",
        _ => return Err("function that Sigma has no modifier for"),
    };
    let Some((value, constants)) = call.arguments.split_first() else {
        return Err("function without arguments");
    };
    let texts = constants.iter().map(|constant| match constant {
        Operand::Constant(Constant::Text(text)) => Ok(&**text),
        _ => Err("comparison of two fields or of a computed value"),
    });
    let texts: Vec<&str> = texts.collect::<Result<_, _>>()?;
    if call.function == Function::CidrMatch {
        return Ok((format!("{}{modifier}", field(value)?.0), json!(texts)));
    }
    let values: Vec<_> = texts.into_iter().map(escaped).collect();
    Ok((format!("{}{modifier}{}", text_field(value)?, cased(call.case)), json!(values)))
}

fn field(value: &Operand) -> Result<(&str, FieldType), Reason> {
    match value {
        Operand::Field(field) => Ok((&field.path, field.ty)),
        _ => Err("comparison of two fields or of a computed value"),
    }
}

fn text_field(value: &Operand) -> Result<&str, Reason> {
    let (path, ty) = field(value)?;
    if is_text(ty) { Ok(path) } else { Err("text against a field of another type") }
}

fn number_field(value: &Operand) -> Result<&str, Reason> {
    let (path, ty) = field(value)?;
    if is_number(ty) { Ok(path) } else { Err("number against a field of another type") }
}

fn text_or_number_field(value: &Operand) -> Result<(&str, FieldType), Reason> {
    field(value)
}

fn is_text(ty: FieldType) -> bool {
    matches!(ty, FieldType::Keyword | FieldType::Text | FieldType::Unknown)
}

fn is_number(ty: FieldType) -> bool {
    matches!(ty, FieldType::Long | FieldType::Double | FieldType::Unknown)
}

fn number(number: &Number) -> Value {
    match number {
        Number::Int(number) => json!(number),
        Number::Long(number) => json!(number),
        Number::ULong(number) => json!(number),
        Number::Double(number) => json!(number),
    }
}

fn cased(case: Case) -> &'static str {
    match case {
        Case::Sensitive => "|cased",
        Case::Insensitive => "",
    }
}

/// The modifier and the value for an EQL pattern. Sigma has the same two wildcards, so what the modifiers do not say
/// stays a pattern.
fn pattern_parts(pattern: &str) -> (&'static str, String) {
    let inner = pattern.trim_matches('*');
    if inner.is_empty() || inner.contains(['*', '?']) {
        return ("", pattern.replace('\\', "\\\\"));
    }
    let modifier = match (pattern.starts_with('*'), pattern.ends_with('*')) {
        (true, true) => "|contains",
        (true, false) => "|endswith",
        (false, true) => "|startswith",
        (false, false) => "",
    };
    (modifier, escaped(inner))
}

/// A text without wildcards.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use rule_lang::{ruleset, schema};

    use super::*;

    fn sigma(query: &str) -> Result<Value, Reason> {
        let file = format!(
            "[rule]\nname = \"A\"\nrule_id = \"00000000-0000-4000-8000-000000000000\"\ntype = \"eql\"\nlanguage = \"eql\"\n\
             description = \"A\"\nauthor = [\"A\"]\nseverity = \"low\"\nrisk_score = 1\nindex = [\"*\"]\n\
             query = '''{query}'''\n"
        );
        let options = ruleset::Options { schema: schema::builtin(), strict: false };
        let set = ruleset::load([("a.toml".to_owned(), file.into_bytes())], &options);
        assert!(!set.has_errors(), "{:?}", set.diagnostics);
        convert(&set.rules[0]).map(|rule| rule["detection"].clone())
    }

    #[test]
    fn leaves_that_are_anded_share_a_selection() {
        let detection = sigma(
            r#"process where process.name == "a.exe" and process.pid > 4 and not process.args : ("-x", "*y*")"#,
        );
        let wanted = json!({
            "s0": [{"process.args": ["-x"]}, {"process.args|contains": ["y"]}],
            "s1": {"event.category|cased": "process", "process.name|cased": "a.exe", "process.pid|gt": 4},
            "condition": "s1 and (not s0)",
        });
        assert_eq!(detection, Ok(wanted));
    }

    #[test]
    fn wildcards_become_modifiers_and_backslashes_stay() {
        assert_eq!(pattern_parts(r"*\temp\*"), ("|contains", r"\\temp\\".to_owned()));
        assert_eq!(pattern_parts(r"?:\x*"), ("", r"?:\\x*".to_owned()));
        assert_eq!(pattern_parts("*.exe"), ("|endswith", ".exe".to_owned()));
        assert_eq!(pattern_parts("*"), ("", "*".to_owned()));
        assert_eq!(escaped("a*b"), r"a\*b");
    }

    #[test]
    fn what_sigma_cannot_say_is_refused() {
        assert!(sigma(r#"process where process.name regex "a+""#).is_err());
        assert!(sigma("process where length(process.name) > 4").is_err());
        assert!(sigma("sequence [process where true] [file where true]").is_err());
    }
}
