//! A condition as indented lines, one leaf a line.

use rule_lang::condition::{
    Call, Condition, Constant, Field, Filter, Function, Item, Key, Leaf, Pipe, Query, QueryKind, Test, Value,
};
use rule_lang::eql::ast::{ArithmeticOp, Case, CompareOp, Number};
use rule_lang::schema::FieldType;

mod state;

use super::ast::Tree;

/// What a checked query asks for.
pub(super) fn describe(query: &Query) -> String {
    let mut tree = Tree { out: String::new(), depth: 0 };
    match &query.kind {
        QueryKind::Event(filter) => filter_lines(&mut tree, "event", filter),
        QueryKind::Sequence(sequence) => {
            let span = sequence.maxspan.map(|span| format!(" within {span} ms")).unwrap_or_default();
            tree.under(&format!("sequence{span}"), |tree| {
                sequence.items.iter().for_each(|item| item_lines(tree, "item", item));
                sequence.until.iter().for_each(|item| item_lines(tree, "until", item));
            });
        }
        QueryKind::Sample(sample) => tree.under("sample", |tree| {
            sample.items.iter().for_each(|item| item_lines(tree, "item", item));
        }),
        kind => state::lines(&mut tree, kind),
    }
    if let Some(suppression) = &query.suppression {
        state::suppression(&mut tree, suppression);
    }
    for pipe in &query.pipes {
        match pipe {
            Pipe::Head(count) => tree.line(&format!("the first {count}")),
            Pipe::Tail(count) => tree.line(&format!("the last {count}")),
        }
    }
    tree.out
}

fn item_lines(tree: &mut Tree, name: &str, item: &Item) {
    let missing = if item.missing { " that must be missing" } else { "" };
    let keys: Vec<_> = item.keys.iter().map(key).collect();
    let by = if keys.is_empty() { String::new() } else { format!(", key {}", keys.join(", ")) };
    filter_lines(tree, &format!("{name}{missing}{by}"), &item.filter);
}

fn key(key: &Key) -> String {
    let optional = if key.optional { "?" } else { "" };
    match &key.field {
        Some(known) => format!("{optional}{}", field(known)),
        None => format!("{optional}{} (always null)", key.path),
    }
}

fn filter_lines(tree: &mut Tree, name: &str, filter: &Filter) {
    tree.under(name, |tree| condition(tree, &filter.condition, ""));
}

fn condition(tree: &mut Tree, of: &Condition, not: &str) {
    match of {
        Condition::Const(value) => tree.line(&format!("{not}{value}")),
        Condition::And(all) => tree.under(&format!("{not}all of"), |tree| each(tree, all)),
        Condition::Or(any) => tree.under(&format!("{not}any of"), |tree| each(tree, any)),
        Condition::Not(inner) => condition(tree, inner, if not.is_empty() { "not " } else { "not not " }),
        Condition::Leaf(Leaf { test: Test::Nested { path, condition: inner }, .. }) => {
            tree.under(&format!("{not}an object at {path} meets"), |tree| condition(tree, inner, ""));
        }
        Condition::Leaf(Leaf { test: Test::Shared(inner), .. }) => {
            tree.under(&format!("{not}what rules share"), |tree| condition(tree, inner, ""));
        }
        Condition::Leaf(leaf) => tree.line(&format!("{not}{}", describe_test(&leaf.test))),
    }
}

fn each(tree: &mut Tree, conditions: &[Condition]) {
    for one in conditions {
        condition(tree, one, "");
    }
}

fn describe_test(test: &Test) -> String {
    match test {
        Test::Compare { op, left, right } => format!("{} {} {}", value(left), compare(*op), value(right)),
        Test::In { value: tested, list, case } => {
            let list: Vec<_> = list.iter().map(constant).collect();
            format!("{} in{} ({})", value(tested), tilde(*case), list.join(", "))
        }
        Test::Like { value: tested, patterns, case } => strings(tested, "like", *case, patterns),
        Test::Regex { value: tested, patterns, case } => strings(tested, "regex", *case, patterns),
        Test::IsNull(tested) => format!("{} has no value", value(tested)),
        Test::Call(of) => call(of),
        Test::Date { field: tested, op, date, .. } => {
            format!("{} {} date {date:?}", field(tested), compare(*op))
        }
        Test::Phrase { field: tested, phrases } => {
            let phrases: Vec<_> = phrases.iter().map(|phrase| format!("{:?}", phrase.join(" "))).collect();
            format!("{} has the words ({})", field(tested), phrases.join(", "))
        }
        Test::Word { field: tested, patterns } => {
            let patterns: Vec<_> = patterns.iter().map(|parts| format!("{:?}", parts.join("*"))).collect();
            format!("{} has a word like ({})", field(tested), patterns.join(", "))
        }
        Test::AnyField { name, test: inner } => {
            format!("a field named {:?}: {}", name.join("*"), describe_test(inner))
        }
        Test::Shared(_) => "a condition that rules share".to_owned(),
        Test::Nested { path, .. } => format!("an object at {path} meets a condition"),
    }
}

fn strings(tested: &Value, word: &str, case: Case, patterns: &[String]) -> String {
    let patterns: Vec<_> = patterns.iter().map(|pattern| format!("{pattern:?}")).collect();
    format!("{} {word}{} ({})", value(tested), tilde(case), patterns.join(", "))
}

fn value(of: &Value) -> String {
    match of {
        Value::Constant(value) => constant(value),
        Value::Field(known) => field(known),
        Value::Negate(inner) => format!("-{}", value(inner)),
        Value::Arithmetic(op, left, right) => {
            format!("({} {} {})", value(left), arithmetic(*op), value(right))
        }
        Value::Call(of) => call(of),
    }
}

fn call(call: &Call) -> String {
    let arguments: Vec<_> = call.arguments.iter().map(value).collect();
    format!("{}{}({})", function(call.function), tilde(call.case), arguments.join(", "))
}

fn constant(constant: &Constant) -> String {
    match constant {
        Constant::Null => "null".to_owned(),
        Constant::Bool(value) => value.to_string(),
        Constant::Number(Number::Int(value)) => value.to_string(),
        Constant::Number(Number::Long(value)) => value.to_string(),
        Constant::Number(Number::ULong(value)) => value.to_string(),
        Constant::Number(Number::Double(value)) => format!("{value:?}"),
        Constant::Text(text) => format!("{text:?}"),
    }
}

/// A field with its type, which says how values are compared.
fn field(field: &Field) -> String {
    let ty = match field.ty {
        FieldType::Keyword => "keyword",
        FieldType::Text => "text",
        FieldType::Long => "long",
        FieldType::Double => "double",
        FieldType::Boolean => "boolean",
        FieldType::Ip => "ip",
        FieldType::Date => "date",
        FieldType::Version => "version",
        FieldType::Nested => "nested",
        FieldType::Unsupported => "unsupported",
        FieldType::Unknown => "unknown",
    };
    format!("{}:{ty}", field.path)
}

fn tilde(case: Case) -> &'static str {
    match case {
        Case::Sensitive => "",
        Case::Insensitive => "~",
    }
}

fn compare(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "==",
        CompareOp::Ne => "!=",
        CompareOp::Lt => "<",
        CompareOp::Le => "<=",
        CompareOp::Gt => ">",
        CompareOp::Ge => ">=",
    }
}

fn arithmetic(op: ArithmeticOp) -> &'static str {
    match op {
        ArithmeticOp::Add => "+",
        ArithmeticOp::Subtract => "-",
        ArithmeticOp::Multiply => "*",
        ArithmeticOp::Divide => "/",
        ArithmeticOp::Modulo => "%",
    }
}

fn function(function: Function) -> &'static str {
    match function {
        Function::Between => "between",
        Function::CidrMatch => "cidrMatch",
        Function::Concat => "concat",
        Function::EndsWith => "endsWith",
        Function::IndexOf => "indexOf",
        Function::Length => "length",
        Function::Number => "number",
        Function::StartsWith => "startsWith",
        Function::String => "string",
        Function::StringContains => "stringContains",
        Function::Substring => "substring",
    }
}
