//! The small types that fields of rules have: words of a fixed list, scores, times.

use std::fmt;

use super::Framework;

/// A type whose values are words of a fixed list.
pub trait Word: Copy + PartialEq + 'static {
    /// What such a word is called in messages.
    const WHAT: &'static str;
    /// Every word with its value, the first of a value being the one it is shown as.
    const WORDS: &'static [(&'static str, Self)];

    /// The value of `word`.
    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|&(_, value)| value)
    }

    /// The word of the value.
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|&&(_, value)| value == self).map_or("", |&(word, _)| word)
    }
}

/// The type of a rule (rules.md section 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleType {
    /// Events, sequences or samples that match an EQL query.
    #[default]
    Eql,
    /// Events that match a KQL or Lucene query.
    Query,
    /// The same with a query saved on the server.
    SavedQuery,
    /// Groups of so many events.
    Threshold,
    /// Values not seen before.
    NewTerms,
    /// Events that share values with indicators.
    ThreatMatch,
    /// Rows of an ES|QL query.
    Esql,
    /// Anomalies.
    MachineLearning,
}

impl Word for RuleType {
    const WHAT: &'static str = "rule type";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("eql", Self::Eql),
        ("query", Self::Query),
        ("saved_query", Self::SavedQuery),
        ("threshold", Self::Threshold),
        ("new_terms", Self::NewTerms),
        ("threat_match", Self::ThreatMatch),
        ("esql", Self::Esql),
        ("machine_learning", Self::MachineLearning),
    ];
}

impl RuleType {
    /// The languages its query may be in; the first is the default.
    pub fn languages(self) -> &'static [Language] {
        match self {
            Self::Eql => &[Language::Eql],
            Self::Esql => &[Language::Esql],
            Self::MachineLearning => &[],
            _ => &[Language::Kuery, Language::Lucene],
        }
    }
}

/// The language of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Event Query Language.
    Eql,
    /// Kibana Query Language.
    Kuery,
    /// Lucene's query language.
    Lucene,
    /// Elasticsearch Query Language.
    Esql,
}

impl Word for Language {
    const WHAT: &'static str = "query language";
    const WORDS: &'static [(&'static str, Self)] =
        &[("eql", Self::Eql), ("kuery", Self::Kuery), ("lucene", Self::Lucene), ("esql", Self::Esql)];
}

/// How bad an alert is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    #[default]
    Low,
    /// Worth a look.
    Medium,
    /// Look soon.
    High,
    /// Look now.
    Critical,
}

impl Word for Severity {
    const WHAT: &'static str = "severity";
    const WORDS: &'static [(&'static str, Self)] =
        &[("low", Self::Low), ("medium", Self::Medium), ("high", Self::High), ("critical", Self::Critical)];
}

/// How ready a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Maturity {
    /// Being written.
    Development,
    /// Being tried.
    Experimental,
    /// Nearly there.
    Beta,
    /// In use.
    Production,
    /// Given up.
    Deprecated,
}

impl Word for Maturity {
    const WHAT: &'static str = "maturity";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("development", Self::Development),
        ("experimental", Self::Experimental),
        ("beta", Self::Beta),
        ("production", Self::Production),
        ("deprecated", Self::Deprecated),
    ];
}

impl Word for Framework {
    const WHAT: &'static str = "threat framework";
    const WORDS: &'static [(&'static str, Self)] =
        &[("MITRE ATT&CK", Self::MitreAttack), ("MITRE ATLAS", Self::MitreAtlas)];
}

/// What becomes of events that lack a field to group alerts by (rules.md section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MissingFields {
    /// A missing field counts as the group value null.
    #[default]
    Suppress,
    /// Such an event gives its own alert.
    DoNotSuppress,
}

impl Word for MissingFields {
    const WHAT: &'static str = "strategy for missing fields";
    const WORDS: &'static [(&'static str, Self)] =
        &[("suppress", Self::Suppress), ("doNotSuppress", Self::DoNotSuppress)];
}

/// Whether an exception list belongs to one space of the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Namespace {
    /// It does.
    #[default]
    Single,
    /// It is for all spaces.
    Agnostic,
}

impl Word for Namespace {
    const WHAT: &'static str = "namespace type";
    const WORDS: &'static [(&'static str, Self)] = &[("single", Self::Single), ("agnostic", Self::Agnostic)];
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeUnit {
    /// `s`
    Second,
    /// `m`
    Minute,
    /// `h`
    Hour,
    /// `d`
    Day,
}

impl Word for TimeUnit {
    const WHAT: &'static str = "unit of time";
    const WORDS: &'static [(&'static str, Self)] =
        &[("s", Self::Second), ("m", Self::Minute), ("h", Self::Hour), ("d", Self::Day)];
}

impl TimeUnit {
    /// Its length in seconds.
    pub fn seconds(self) -> u64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }
}

/// A risk score, 0 to 100.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RiskScore(u8);

impl RiskScore {
    /// A score, if it is at most 100.
    pub fn new(score: u8) -> Option<Self> {
        (score <= 100).then_some(Self(score))
    }

    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

/// So many units of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Duration {
    /// How many, at least one.
    pub value: u32,
    /// Of what.
    pub unit: TimeUnit,
}

impl Duration {
    /// Its length in seconds.
    pub fn seconds(self) -> u64 {
        u64::from(self.value) * self.unit.seconds()
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.value, self.unit.word())
    }
}

/// The time between runs of a rule: a number and `s`, `m`, `h` or `d`.
///
/// ```
/// use rule_lang::rule::Interval;
/// assert_eq!(Interval::parse("5m").unwrap().0.seconds(), 300);
/// assert_eq!(Interval::parse("5 minutes"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interval(pub Duration);

impl Interval {
    /// The interval a rule has that names none: five minutes.
    pub const DEFAULT: Self = Self(Duration { value: 5, unit: TimeUnit::Minute });

    /// Reads `text`; `None` if it is no interval or is none at all.
    pub fn parse(text: &str) -> Option<Self> {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let unit = TimeUnit::from_word(unit)?;
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let value = number.parse().ok().filter(|&value: &u32| value > 0)?;
        Some(Self(Duration { value, unit }))
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A point in time relative to now, such as `now-9m` or `now-1d+6h/h` (rules.md section 4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DateMath(String);

impl DateMath {
    /// Keeps `text` if it is date math: `now` or a date and `||`, then offsets and roundings; or a date alone.
    ///
    /// ```
    /// use rule_lang::rule::DateMath;
    /// for good in ["now", "now-9m", "now-30d/d", "now-1d+6h", "2024-01-31", "2024-01-31T12:00:00Z", "2024-01-31||/M"] {
    ///     assert!(DateMath::parse(good).is_some(), "{good}");
    /// }
    /// for bad in ["", "9m", "now-9", "now-m", "now -9m", "now-9q", "now/2d", "today"] {
    ///     assert!(DateMath::parse(bad).is_none(), "{bad}");
    /// }
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let operations = if let Some(operations) = text.strip_prefix("now") {
            operations
        } else {
            let (date, operations) = text.split_once("||").unwrap_or((text, ""));
            if !is_iso_date(date) {
                return None;
            }
            operations
        };
        are_operations(operations).then(|| Self(text.to_owned()))
    }

    /// What a rule has that gives none, or none that can be read.
    pub(super) fn or_now(default: &str) -> Self {
        Self::parse(default).unwrap_or_else(|| Self("now".to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How far from now it is, in milliseconds, in the past if negative. `None` if it is a date, which depends on no now.
    /// A month counts as 30 days and a year as 365; what is rounded counts as if it were not.
    ///
    /// ```
    /// use rule_lang::rule::DateMath;
    /// let millis = |text| DateMath::parse(text).unwrap().millis_from_now();
    /// assert_eq!(millis("now-9m"), Some(-540_000));
    /// assert_eq!(millis("now-1d+6h/h"), Some(-18 * 3_600_000));
    /// assert_eq!(millis("2024-01-31"), None);
    /// ```
    pub fn millis_from_now(&self) -> Option<i64> {
        let mut rest = self.0.strip_prefix("now")?;
        let mut millis = 0_i64;
        while let Some(operator) = rest.chars().next() {
            let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
            let (number, tail) = rest[1..].split_at(digits);
            let seconds = match tail.chars().next()? {
                's' => 1,
                'm' => 60,
                'h' | 'H' => 3600,
                'd' => 86_400,
                'w' => 7 * 86_400,
                'M' => 30 * 86_400,
                _ => 365 * 86_400,
            };
            let by = number.parse().unwrap_or(i64::MAX).saturating_mul(seconds * 1000);
            millis = match operator {
                '+' => millis.saturating_add(by),
                '-' => millis.saturating_sub(by),
                _ => millis,
            };
            rest = &tail[1..];
        }
        Some(millis)
    }
}

fn are_operations(text: &str) -> bool {
    let mut rest = text;
    while let Some(operator) = rest.chars().next() {
        rest = match operator {
            '+' | '-' => {
                let behind = rest[1..].trim_start_matches(|c: char| c.is_ascii_digit());
                if behind.len() + 1 == rest.len() {
                    return false;
                }
                behind
            }
            '/' => &rest[1..],
            _ => return false,
        };
        match rest.strip_prefix(['y', 'M', 'w', 'd', 'h', 'H', 'm', 's']) {
            Some(behind) => rest = behind,
            None => return false,
        }
    }
    true
}

fn is_iso_date(text: &str) -> bool {
    let (date, time) = text.split_once('T').unwrap_or((text, "00"));
    let mut parts = date.split('-');
    let numbers = [4, 2, 2].map(|digits| parts.next().is_some_and(|part| is_number(part, digits)));
    numbers == [true; 3]
        && parts.next().is_none()
        && time.starts_with(|c: char| c.is_ascii_digit())
        && time.bytes().all(|byte| byte.is_ascii_digit() || b":.+-Z".contains(&byte))
}

fn is_number(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A day, as `[metadata]` writes it: `YYYY/MM/DD`. Ordered by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// The year.
    pub year: u16,
    /// The month, from 1.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
}

impl Date {
    /// Reads `YYYY/MM/DD`; `None` for anything else and for days that no calendar has.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let mut number = |digits| parts.next().filter(|part| is_number(part, digits))?.parse::<u16>().ok();
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 => 28 + u16::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        let valid = parts.next().is_none() && (1..=days).contains(&day);
        valid.then_some(Self { year, month: month as u8, day: day as u8 })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}/{:02}/{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals() {
        for (text, seconds) in [("30s", 30), ("5m", 300), ("1h", 3_600), ("2d", 172_800)] {
            let interval = Interval::parse(text).expect(text);
            assert_eq!(interval.0.seconds(), seconds);
            assert_eq!(interval.to_string(), text);
        }
        for bad in ["", "m", "5", "0m", "5w", "-5m", "+5m", "5 m", "5é", "99999999999999999999m"] {
            assert_eq!(Interval::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates() {
        assert_eq!(Date::parse("2024/02/29").unwrap().to_string(), "2024/02/29");
        for bad in
            ["2023/02/29", "2024/13/01", "2024/00/01", "2024/1/01", "2024-01-01", "2024/01/01/", "2024/04/31"]
        {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_word_reads_back() {
        for (word, value) in RuleType::WORDS {
            assert_eq!(value.word(), *word);
            assert_eq!(RuleType::from_word(word), Some(*value));
        }
    }

    #[test]
    fn scores_end_at_a_hundred() {
        assert_eq!(RiskScore::new(100).map(RiskScore::get), Some(100));
        assert_eq!(RiskScore::new(101), None);
    }
}
