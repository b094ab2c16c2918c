//! What each type of a compiled set is packed as: its fields in order, one word a field. A change here, or in the
//! types, needs a new [`FORMAT`](crate::set::FORMAT).

use super::UnpackError;
use super::basic::Pack;
use super::read::Reader;
use super::write::Writer;
use crate::event::{Key, Name, Node, Slot, SlotTree};
use crate::info::{
    ExceptionRef, Info, RelatedIntegration, RequiredField, RiskScoreMapping, RuleInfo, RuleType, Severity,
    SeverityMapping, Suppression, Technique, Threat, ThreatEntry,
};
use crate::keyed::TimeFields;
use crate::literal::{Literal, LiteralKind, LiteralTable};
use crate::matcher::anchors::{AnchoredList, Anchors};
use crate::matcher::date_math::{DateStep, Unit as DateUnit};
use crate::matcher::glob::{Needle, Pattern, Shape};
use crate::matcher::ip::Block;
use crate::matcher::{
    AnyField, Arithmetic, Case, Compare, Dfa, Double, Expr, ExprTest, FieldKind, Formula, Nested, Number,
    Predicate, TextFunction,
};
use crate::new_terms::NewTermsDef;
use crate::sequence::{Hit, KeyDef, KeyKind, Pipe, SampleDef, SequenceDef, StageDef};
use crate::set::{
    Dispatch, DispatchField, FieldLiterals, Residual, Rule, RuleKind, RuleSet, Samples, Sequences, States,
    Step, Target, Test, Unit,
};
use crate::suppression::SuppressionDef;
use crate::threat::{ThreatDef, ThreatEntry as IndicatorEntry, ThreatGroup};
use crate::threshold::{Cardinality, ThresholdDef};

/// A struct: all fields, in this order. A field that is missing here does not compile.
macro_rules! pack {
    ($name:ident $(<$life:lifetime>)? { $($field:ident),* $(,)? }) => {
        impl<'a> Pack<'a> for $name $(<$life>)? {
            fn write(&self, out: &mut Writer<'_>) {
                let Self { $($field),* } = self;
                $($field.write(out);)*
            }

            fn read(input: &mut Reader<'a, '_>) -> Result<Self, UnpackError> {
                Ok(Self { $($field: Pack::read(input)?),* })
            }
        }
    };
}

/// An enum: all variants with their numbers and fields.
macro_rules! pack_enum {
    ($name:ident $(<$life:lifetime>)? {
        $($number:literal $variant:ident $({ $($field:ident),* })? $(( $($value:ident),* ))?),* $(,)?
    }) => {
        impl<'a> Pack<'a> for $name $(<$life>)? {
            fn write(&self, out: &mut Writer<'_>) {
                match self {
                    $(Self::$variant $({ $($field),* })? $(( $($value),* ))? => {
                        out.byte($number);
                        $($($field.write(out);)*)?
                        $($($value.write(out);)*)?
                    })*
                }
            }

            fn read(input: &mut Reader<'a, '_>) -> Result<Self, UnpackError> {
                Ok(match input.byte()? {
                    $($number => {
                        $($(let $field = Pack::read(input)?;)*)?
                        $($(let $value = Pack::read(input)?;)*)?
                        Self::$variant $({ $($field),* })? $(( $($value),* ))?
                    })*
                    _ => return Err(UnpackError::Malformed),
                })
            }
        }
    };
}

/// A type that is made of what it tells: filters and the like are derived anew.
macro_rules! pack_as {
    ($name:ident $(<$life:lifetime>)?, $value:ident => ($($part:expr),*), $new:expr) => {
        impl<'a> Pack<'a> for $name $(<$life>)? {
            fn write(&self, out: &mut Writer<'_>) {
                let $value = self;
                $($part.write(out);)*
            }

            fn read(input: &mut Reader<'a, '_>) -> Result<Self, UnpackError> {
                ($new)(input)
            }
        }
    };
}

// The set. Its format and fingerprint stand in the header.

pub(super) fn write(set: &RuleSet<'_>, out: &mut Writer<'_>) {
    let RuleSet {
        format: _,
        fingerprint: _,
        tree,
        predicates,
        literals,
        anchors,
        units,
        filters,
        dispatch,
        rules,
        sequences,
        samples,
        states,
    } = set;
    tree.write(out);
    predicates.write(out);
    literals.write(out);
    anchors.write(out);
    units.write(out);
    filters.write(out);
    dispatch.write(out);
    rules.write(out);
    sequences.write(out);
    samples.write(out);
    states.write(out);
}

pub(super) fn read<'a>(input: &mut Reader<'a, '_>, fingerprint: u64) -> Result<RuleSet<'a>, UnpackError> {
    let tree: SlotTree<'a> = Pack::read(input)?;
    input.slots = tree.slots();
    Ok(RuleSet {
        format: crate::set::FORMAT,
        fingerprint,
        tree,
        predicates: Pack::read(input)?,
        literals: Pack::read(input)?,
        anchors: Pack::read(input)?,
        units: Pack::read(input)?,
        filters: Pack::read(input)?,
        dispatch: Pack::read(input)?,
        rules: Pack::read(input)?,
        sequences: Pack::read(input)?,
        samples: Pack::read(input)?,
        states: Pack::read(input)?,
    })
}

pack_enum! { Test<'a> { 0 Predicate(predicate), 1 Literal { table, ids }, 2 Anchored { table, all, list } } }
pack! { AnchoredList<'a> { like, anchors } }
pack! { FieldLiterals<'a> { slot, kind, table } }
pack_enum! { LiteralKind { 0 Texts, 1 Numbers } }
pack! { LiteralTable<'a> { buckets, literals, longest } }
pack_as! { Literal<'a>, literal => (literal.folded(), literal.id(), literal.lower(), literal.exact()),
    |input: &mut Reader<'a, '_>| {
        Ok(Self::new(Pack::read(input)?, Pack::read(input)?, Pack::read(input)?, Pack::read(input)?))
    }
}
pack! { Anchors<'a> { slot, bitmap, buckets, windows, starts, tests } }
pack! { Unit<'a> { filter, needs, reads, asks, residual } }
pack! { Step { test, then, otherwise } }
pack_enum! { Target {
    0 Rule(rule),
    1 Sequence { order, hit },
    2 Sample(hit),
    3 Threshold(def),
    4 NewTerms(def),
    5 Threat(def),
    6 Indicator(def),
    7 Suppressed(def),
} }
pack! { Dispatch<'a> { words, all, fields, early } }
pack! { DispatchField<'a> { table, row_of_literal, row_of_others, rows, slot } }
pack! { Rule<'a> { info, kind, pipes } }
pack_enum! { RuleKind { 0 Event, 1 Sequence, 2 Sample, 3 Off, 4 Threshold, 5 NewTerms, 6 ThreatMatch } }
pack! { Sequences<'a> { timestamp, tiebreaker, defs, rules } }
pack! { Samples<'a> { defs, rules } }

impl<'a> Pack<'a> for Residual<'a> {
    fn write(&self, out: &mut Writer<'_>) {
        match self {
            Self::Always => out.byte(0),
            Self::Program(steps) if !(out.is_code)(steps) => {
                out.byte(1);
                steps.write(out);
            }
            Self::Program(_) | Self::Code(_) => out.byte(2),
        }
    }

    fn read(input: &mut Reader<'a, '_>) -> Result<Self, UnpackError> {
        Ok(match input.byte()? {
            0 => Self::Always,
            1 => Self::Program(Pack::read(input)?),
            2 => Self::Code(input.function()?),
            _ => return Err(UnpackError::Malformed),
        })
    }
}

// Events.

pack! { SlotTree<'a> { names, paths, nodes, keys, buckets, reach, dispatch, escapable } }
pack! { Name { start, len } }
pack! { Node { first_key, first_bucket, bucket_shift, dispatch } }
pack! { Key { name, tail, first, first_mask, node, slot } }
pack_as! { Slot, slot => (slot.0), |input: &mut Reader<'a, '_>| {
    let slot = u16::read(input)?;
    if usize::from(slot) < input.slots { Ok(Self(slot)) } else { Err(UnpackError::Malformed) }
} }

// Predicates.

pack_enum! { Predicate<'a> {
    0 Exists { slot },
    1 Missing { slot },
    2 Text { slot, literals, case },
    3 TextOrder { slot, op, value },
    4 Like { slot, patterns, case },
    5 Regex { slot, dfas },
    6 NumberOrder { slot, kind, op, value },
    7 NumberIn { slot, kind, values },
    8 Bool { slot, value },
    9 Date { slot, op, nanos },
    10 Cidr { slot, blocks },
    11 IpOrder { slot, op, address },
    12 VersionOrder { slot, op, version },
    13 Any(predicates),
    14 Expr { occurrences, test },
    15 DateIn { slot, first, last },
    16 DateMath { slot, clock, op, steps },
    17 Phrase { slot, phrases },
    18 Word { slot, patterns },
    19 AnyField(test),
    20 Nested(test),
    21 Formula(formula),
} }
pack_enum! { DateStep { 0 Add(count, unit), 1 Round(unit) } }
pack_enum! { DateUnit { 0 Year, 1 Month, 2 Week, 3 Day, 4 Hour, 5 Minute, 6 Second } }
// They have slots of their own.
pack_as! { AnyField<'a>, any => (any.name, any.test), |input: &mut Reader<'a, '_>| {
    Ok(Self { name: Pack::read(input)?, test: input.with_slots(1, Pack::read)? })
} }
pack_as! { Nested<'a>, nested => (nested.path, nested.fields, nested.test), |input: &mut Reader<'a, '_>| {
    let (path, fields): (&str, &[&str]) = Pack::read(input)?;
    Ok(Self { path, fields, test: input.with_slots(fields.len(), Pack::read)? })
} }
pack_enum! { Formula<'a> { 0 Const(value), 1 Test(predicate), 2 Not(formula), 3 All(parts), 4 One(parts) } }
pack_enum! { ExprTest<'a> {
    0 Compare(op, sides),
    1 In(value, list, case),
    2 Like(value, patterns, case),
    3 Regex(value, dfas),
    4 IsNull(value),
    5 True(value),
} }
pack_enum! { Expr<'a> {
    0 Null,
    1 Bool(value),
    2 Number(value),
    3 Text(text),
    4 Field(index, kind),
    5 Negate(value),
    6 Arithmetic(op, sides),
    7 Call(function, case, arguments),
    8 CidrMatch(value, blocks),
} }
pack_enum! { TextFunction {
    0 Between, 1 Concat, 2 EndsWith, 3 IndexOf, 4 Length, 5 Number, 6 StartsWith, 7 String, 8 StringContains,
    9 Substring,
} }
pack_enum! { Case { 0 Sensitive, 1 Insensitive } }
pack_enum! { Compare { 0 Eq, 1 Ne, 2 Lt, 3 Le, 4 Gt, 5 Ge } }
pack_enum! { Arithmetic { 0 Add, 1 Subtract, 2 Multiply, 3 Divide, 4 Modulo } }
pack_enum! { FieldKind { 0 Any, 1 Text, 2 Long, 3 Double, 4 Boolean } }
pack_enum! { Number { 0 Int(value), 1 Long(value), 2 ULong(value), 3 Double(value) } }
pack_as! { Double, value => (value.to_bits().cast_signed()), |input: &mut Reader<'a, '_>| {
    Ok(Self::from_bits(i64::read(input)?.cast_unsigned()))
} }
pack! { Dfa<'a> { classes, transitions, width, start, accepting } }
pack_as! { Block, block => (block.base(), block.length()), |input: &mut Reader<'a, '_>| {
    Ok(Self::new(Pack::read(input)?, Pack::read(input)?))
} }
pack_as! { Pattern<'a>, pattern => (pattern.shape()), |input: &mut Reader<'a, '_>| {
    Ok(Self::new(Pack::read(input)?))
} }
pack_as! { Needle<'a>, needle => (needle.text()), |input: &mut Reader<'a, '_>| {
    Ok(Self::new(Pack::read(input)?))
} }
pack_enum! { Shape<'a> {
    0 Any,
    1 Exact(text),
    2 Prefix(text),
    3 Suffix(text),
    4 Contains(needle),
    5 Around { prefix, suffix },
    6 Parts { prefix, middle, suffix },
    7 Wild(text),
} }

// Sequences and samples.

pack! { SequenceDef<'a> { stages, maxspan_millis, until } }
pack! { SampleDef<'a> { stages } }
pack! { StageDef<'a> { filter, missing, keys } }
pack! { KeyDef { slot, optional, kind } }
pack_enum! { KeyKind { 0 Text, 1 Number, 2 Boolean, 3 Ip, 4 Date, 5 Any } }
pack! { Hit { sequence, filter } }
pack_enum! { Pipe { 0 Head(count), 1 Tail(count) } }

// Other rules with state.

pack! { States<'a> { thresholds, new_terms, threats, suppressions } }
pack! { TimeFields { field, fallback } }
pack! { ThresholdDef<'a> { rule, time, keys, value, cardinality, window_millis, suppression } }
pack! { Cardinality { key, value } }
pack! { NewTermsDef<'a> { rule, time, keys, window_millis, suppression } }
pack! { ThreatDef<'a> { rule, time, indicator_path, groups, suppression } }
pack! { ThreatGroup<'a> { entries } }
pack! { IndicatorEntry<'a> { event, indicator, kind, negate, field } }
pack! { SuppressionDef<'a> { rule, time, keys, span_millis } }

// What rules say of themselves.

impl<'a> Pack<'a> for Info<'a> {
    fn write(&self, out: &mut Writer<'_>) {
        out.apart(|out| self.get().write(out));
    }

    fn read(input: &mut Reader<'a, '_>) -> Result<Self, UnpackError> {
        input.info()
    }
}
pack! { RuleInfo<'a> {
    rule_id, name, rule_type, language, query, file, description, author, severity, risk_score, enabled, version,
    revision, license, tags, references, false_positives, threat, note, setup, index, data_view_id, interval, from,
    to, max_signals, timestamp_override, timestamp_override_fallback_disabled, event_category_override,
    timestamp_field, tiebreaker_field, building_block, rule_name_override, severity_mapping, risk_score_mapping,
    suppression, exceptions, related_integrations, required_fields, investigation_fields, timeline_id,
    timeline_title, extra, metadata,
} }
pack_enum! { RuleType { 0 Eql, 1 Query, 2 SavedQuery, 3 Threshold, 4 NewTerms, 5 ThreatMatch } }
pack_enum! { Severity { 0 Low, 1 Medium, 2 High, 3 Critical } }
pack! { Threat<'a> { framework, tactic, techniques } }
pack! { Technique<'a> { entry, subtechniques } }
pack! { ThreatEntry<'a> { id, name, reference } }
pack! { SeverityMapping<'a> { field, operator, value, severity } }
pack! { RiskScoreMapping<'a> { field, operator, value } }
pack! { Suppression<'a> { group_by, duration, missing_fields_strategy } }
pack! { ExceptionRef<'a> { id, list_id, list_type, namespace_type } }
pack! { RelatedIntegration<'a> { package, version, integration } }
pack! { RequiredField<'a> { name, field_type, ecs } }
