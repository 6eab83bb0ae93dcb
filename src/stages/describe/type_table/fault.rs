//! Why a table of types cannot be used, with line and reason.

use crate::formats::vietnamese::PatternFault;

/// Why a table of types cannot be used; `line` counts from 1.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TypeTableFault {
    /// No TOML, an unknown key, a missing key, a value of the wrong kind.
    #[error("line {line}: {reason}")]
    Shape {
        /// Where.
        line: usize,
        /// What the TOML reader says.
        reason: String,
    },
    /// Two rows bear the same id.
    #[error("line {line}: id `{id}` stands twice")]
    RepeatedId {
        /// Where the second one stands.
        line: usize,
        /// The id.
        id: String,
    },
    /// An id that is not made of a–z, 0–9 and `_`.
    #[error("line {line}: id `{id}` is not made of a–z, 0–9 and _")]
    BadId {
        /// Where.
        line: usize,
        /// The id.
        id: String,
    },
    /// `type_name` is none of 01 to 32.
    #[error("line {line}: type_name `{code}` is none of 01 to 32")]
    UnknownTypeName {
        /// Where.
        line: usize,
        /// The code.
        code: String,
    },
    /// A heading, a cue or words of a later page that cannot be searched for.
    #[error("line {line}: `{text}`: {reason}")]
    BadText {
        /// Where.
        line: usize,
        /// The words.
        text: String,
        /// Why.
        reason: PatternFault,
    },
    /// A cue of so few letters that it stands on every page by chance.
    #[error("line {line}: `{text}` has under {least} letters")]
    ShortCue {
        /// Where.
        line: usize,
        /// The words.
        text: String,
        /// Letters that a cue must have.
        least: usize,
    },
    /// A cue that weighs nothing, or more than any heading.
    #[error("line {line}: weight {weight} is 0 or beyond {most}")]
    BadWeight {
        /// Where.
        line: usize,
        /// The weight.
        weight: i32,
        /// The most that a cue may weigh, for or against.
        most: i32,
    },
    /// Two types share a heading once it is folded.
    #[error("line {line}: heading `{heading}` already belongs to `{owner}`")]
    SharedHeading {
        /// Where the second one stands.
        line: usize,
        /// The heading.
        heading: String,
        /// The type that has it.
        owner: String,
    },
    /// Two types share an abbreviation, letter for letter.
    #[error("line {line}: abbreviation `{abbreviation}` already belongs to `{owner}`")]
    SharedAbbreviation {
        /// Where the second one stands.
        line: usize,
        /// The abbreviation.
        abbreviation: String,
        /// The type that has it.
        owner: String,
    },
    /// `broader` names no type, the type itself, or one that is itself a kind of another.
    #[error("line {line}: broader `{id}` is no general type of the table")]
    UnknownBroader {
        /// Where.
        line: usize,
        /// What it names.
        id: String,
    },
    /// A field that the program does not know.
    #[error("line {line}: no field `{field}`")]
    UnknownField {
        /// Where.
        line: usize,
        /// The field.
        field: String,
    },
}
