//! What a rule detects in terms of MITRE's matrices (rules.md section 2, `threat`).

/// A tactic with the techniques that serve it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threat {
    /// The matrix.
    pub framework: Framework,
    /// What the attacker wants.
    pub tactic: Tactic,
    /// How he goes about it; may be empty.
    pub techniques: Vec<Technique>,
}

/// A matrix of MITRE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Framework {
    /// Attacks on computers.
    MitreAttack,
    /// Attacks on machine learning.
    MitreAtlas,
}

/// A tactic, such as `TA0011` Command and Control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tactic {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its page.
    pub reference: Option<String>,
}

/// A technique, such as `T1090` Proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Technique {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its page.
    pub reference: Option<String>,
    /// Its special forms; may be empty.
    pub subtechniques: Vec<Subtechnique>,
}

/// A special form of a technique, such as `T1090.002` External Proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subtechnique {
    /// Its id: the technique's, a point and three digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its page.
    pub reference: Option<String>,
}

impl Framework {
    /// What ids of this matrix start with.
    pub(super) fn id_prefix(self) -> &'static str {
        match self {
            Self::MitreAttack => "",
            Self::MitreAtlas => "AML.",
        }
    }

    /// Whether `id` has the form of a tactic's: `TA` and four digits.
    pub fn is_tactic_id(self, id: &str) -> bool {
        id.strip_prefix(self.id_prefix())
            .and_then(|id| id.strip_prefix("TA"))
            .is_some_and(|id| is_digits(id, 4))
    }

    /// Whether `id` has the form of a technique's: `T` and four digits.
    pub fn is_technique_id(self, id: &str) -> bool {
        id.strip_prefix(self.id_prefix())
            .and_then(|id| id.strip_prefix('T'))
            .is_some_and(|id| is_digits(id, 4))
    }

    /// Splits a sub-technique's id into its technique's and its number.
    ///
    /// ```
    /// use rule_lang::rule::Framework;
    /// assert_eq!(Framework::MitreAttack.split_subtechnique_id("T1090.002"), Some(("T1090", "002")));
    /// assert_eq!(Framework::MitreAttack.split_subtechnique_id("T1090"), None);
    /// ```
    pub fn split_subtechnique_id(self, id: &str) -> Option<(&str, &str)> {
        let (technique, number) = id.rsplit_once('.')?;
        (self.is_technique_id(technique) && is_digits(number, 3)).then_some((technique, number))
    }
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}
