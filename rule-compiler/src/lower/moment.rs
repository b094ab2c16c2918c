//! Dates that are spans, and date math: what is known when the rules are compiled is reckoned here.

use bumpalo::Bump;
use rule_lang::condition::Field;
use rule_lang::eql::ast::CompareOp;
use rule_runtime::matcher::date_math::{DateStep, Unit, span};
use rule_runtime::matcher::{Compare, Predicate, date};

use super::{LowerError, NEVER, SlotOf, compare_op, wrong};

/// `field op date`
pub(super) fn lower<'a>(
    field: &Field,
    op: CompareOp,
    text: &str,
    clock: &Field,
    slots: &mut SlotOf<'_>,
    arena: &'a Bump,
) -> Result<Predicate<'a>, LowerError> {
    let (slot, op) = (slots(&field.path), compare_op(op));
    let error = || wrong(text, "a date or date math");
    if let Some(math) = text.strip_prefix("now") {
        let steps = arena.alloc_slice_copy(&steps(math).ok_or_else(error)?);
        return Ok(Predicate::DateMath { slot, clock: slots(&clock.path), op, steps });
    }
    let (date, math) = text.split_once("||").unwrap_or((text, ""));
    let ends = date_span(date).ok_or_else(error)?;
    let Some((first, last)) = span(ends, &steps(math).ok_or_else(error)?) else { return Ok(NEVER) };
    Ok(match op {
        Compare::Eq | Compare::Ne => Predicate::DateIn { slot, first, last },
        Compare::Lt | Compare::Ge => Predicate::Date { slot, op, nanos: first },
        Compare::Le | Compare::Gt => Predicate::Date { slot, op, nanos: last },
    })
}

/// The first and the last nanosecond of a date: one moment if it has a fraction of a second or counts milliseconds.
fn date_span(text: &str) -> Option<(i128, i128)> {
    let first = date::parse(text.as_bytes())?;
    let (calendar, time) = text.split_once('T').unwrap_or((text, ""));
    let clock = time.split(['Z', '+', '-']).next().unwrap_or_default();
    let unit = if clock.contains(['.', ',']) {
        None
    } else if !clock.is_empty() {
        [Some(Unit::Hour), Some(Unit::Minute), Some(Unit::Second)].get(clock.matches(':').count()).copied()?
    } else {
        match calendar.split('-').map(str::len).collect::<Vec<_>>()[..] {
            [4] => Some(Unit::Year),
            [4, 2] => Some(Unit::Month),
            [4, 2, 2] => Some(Unit::Day),
            _ => None,
        }
    };
    let Some(unit) = unit else { return Some((first, first)) };
    let (_, behind) = span((first, first), &[DateStep::Add(1, unit)])?;
    Some((first, behind - 1))
}

/// `+1d`, `-2w/w`
fn steps(math: &str) -> Option<Vec<DateStep>> {
    let mut steps = Vec::new();
    let mut rest = math;
    while let Some(operator) = rest.chars().next() {
        let behind = &rest[1..];
        let digits = behind.find(|letter: char| !letter.is_ascii_digit())?;
        let count: i64 = if digits == 0 { 1 } else { behind[..digits].parse().ok()? };
        let unit = match behind[digits..].chars().next()? {
            'y' => Unit::Year,
            'M' => Unit::Month,
            'w' => Unit::Week,
            'd' => Unit::Day,
            'h' | 'H' => Unit::Hour,
            'm' => Unit::Minute,
            's' => Unit::Second,
            _ => return None,
        };
        steps.push(match operator {
            '+' => DateStep::Add(count, unit),
            '-' => DateStep::Add(-count, unit),
            '/' => DateStep::Round(unit),
            _ => return None,
        });
        rest = &behind[digits + 1..];
    }
    Some(steps)
}
