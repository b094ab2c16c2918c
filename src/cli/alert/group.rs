//! Alerts of sequences and samples: a building block for each event, and one shell alert for all (rules.md section 6).

use kiln::Group;

use super::document::Document;
use super::finding::put_suppressed;
use super::object::intersect;
use super::source::Members;
use super::{Alert, Place, Source, Writer, derive, json_text, source};

/// One event of a group.
#[derive(Debug)]
pub(crate) enum Member<'e> {
    /// The text of the event.
    Event(&'e [u8]),
    /// An event that is not kept any more, known by its number; the group is reported without its fields.
    Gone(u64),
}

/// What the shell alert of a group says of those that it stands for, as members `kibana.alert.*`.
pub(crate) fn suppression(group: &Group<'_, '_>) -> String {
    let mut members = Members::default();
    if let (Some(suppressed), Some(rule)) = (&group.suppressed, group.rule.info.suppression) {
        put_suppressed(suppressed, rule.group_by, &mut members);
    }
    members.0
}

impl Writer<'_> {
    /// The alerts of a group of rule number `rule`, its shell last, which gets the members `extra`. Items that stand for a
    /// missing event are not among `members`; a member's number is its place among the events that are there.
    pub(crate) fn group(&self, rule: u32, members: &[Member<'_>], extra: &str) -> Vec<Alert> {
        let part = &self.rules[rule as usize];
        let rule_id = part.info.rule_id.as_bytes();
        let sources: Vec<_> = members
            .iter()
            .map(|member| match member {
                Member::Event(line) => Source::new(line),
                Member::Gone(number) => Source::lost(*number),
            })
            .collect();
        let mut names = vec![rule_id];
        names.extend(sources.iter().map(Source::identity));
        let group = derive(&names);
        let mut alerts = Vec::with_capacity(members.len() + 1);
        let mut ancestors = Vec::new();
        let mut deepest = 0;
        for (index, source) in sources.iter().enumerate() {
            let uuid = derive(&[rule_id, source.identity(), group.as_bytes(), index.to_string().as_bytes()]);
            let (own, depth) = source.ancestry();
            ancestors.extend(own.iter().cloned());
            ancestors.push(format!(
                r#"{{"id":"{uuid}","type":"signal","index":"","depth":{depth},"rule":{}}}"#,
                json_text(part.info.rule_id)
            ));
            deepest = deepest.max(depth);
            let group = Some((group, Some(index)));
            alerts.push(self.write(
                part,
                source,
                &Place { uuid, ancestors: own, depth, block: Some("default"), group, ..Place::default() },
            ));
        }
        let uuid = derive(&[rule_id, group.as_bytes(), b"shell"]);
        let block = part.info.building_block.then_some("default");
        let place = Place {
            uuid,
            ancestors,
            depth: deepest + 1,
            block,
            group: Some((group, None)),
            extra,
            ..Place::default()
        };
        let shell = match (members, &sources[..]) {
            // It agrees with itself.
            ([Member::Event(_)], [only]) => self.write(part, only, &place),
            _ => self.write(part, &Source::new(common(members).as_bytes()), &place),
        };
        alerts.push(shell);
        alerts
    }
}

/// What all events agree on, at the time of the last one.
fn common(members: &[Member<'_>]) -> String {
    let texts: Option<Vec<_>> = members
        .iter()
        .map(|member| match member {
            Member::Event(line) => std::str::from_utf8(line).ok(),
            Member::Gone(_) => None,
        })
        .collect();
    let texts = texts.unwrap_or_default();
    let common = intersect(&texts).unwrap_or_else(|| "{}".to_owned());
    let last = texts.last().and_then(|last| Document::parse(last));
    let Some(time) = last.and_then(|last| source::time(last.object())) else { return common };
    let rest = common[1..].trim_start();
    let comma = if rest.starts_with('}') { "" } else { "," };
    format!(r#"{{"@timestamp":{time}{comma}{rest}"#)
}
