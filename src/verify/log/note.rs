//! A signed note and what a checkpoint says (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), read strictly.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, UnparsedPublicKey};

use crate::model::Digest;
use crate::verify::proof::sha256;

/// The type of an Ed25519 signature of a note.
const ED25519_TYPE: u8 = 0x01;
/// Signatures looked at; the specification asks for at least sixteen.
const SIGNATURES: usize = 32;

/// The key by which a log is known: a line `name+id+key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPublicKey {
    name: String,
    id: [u8; 4],
    key: [u8; 32],
}

impl LogPublicKey {
    /// Reads the line; `None` where it is none, or its ID is not that of the key.
    pub fn read(line: &str) -> Option<Self> {
        let mut parts = line.trim_end().splitn(3, '+');
        let (name, id, typed) = (parts.next()?, parts.next()?, parts.next()?);
        let typed = STANDARD.decode(typed).ok()?;
        let (&ED25519_TYPE, key) = typed.split_first()? else {
            return None;
        };
        let digest = sha256(&[name.as_bytes(), b"\n", &typed]);
        let expected: String = digest.as_bytes()[..4]
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        (expected == id).then_some(())?;
        Some(Self {
            name: name.to_owned(),
            id: digest.as_bytes()[..4].try_into().ok()?,
            key: key.try_into().ok()?,
        })
    }

    /// The log's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// True where one of the signatures is this key's and holds; one of this key's that does
    /// not hold spoils the note.
    fn signed(&self, text: &str, signatures: &str) -> bool {
        let own = signatures
            .lines()
            .take(SIGNATURES)
            .filter_map(|line| self.own(line));
        let mut judged = own.map(|value| {
            let key = UnparsedPublicKey::new(&ED25519, self.key);
            key.verify(text.as_bytes(), &value).is_ok()
        });
        judged
            .next()
            .is_some_and(|first| first && judged.all(|holds| holds))
    }

    /// The signature value of a line of this key's.
    fn own(&self, line: &str) -> Option<Vec<u8>> {
        let (name, value) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        let value = STANDARD.decode(value).ok()?;
        let value = value.strip_prefix(&self.id)?;
        (name == self.name).then(|| value.to_vec())
    }
}

/// What a log says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its name.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// Root over them.
    pub root: Digest,
}

/// What is wrong with a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteFlaw {
    /// No text, empty line and signatures.
    #[error("no signed note")]
    NotANote,
    /// The text is not name, size and root.
    #[error("no checkpoint")]
    NotACheckpoint,
    /// No signature of the log's key, or one that does not hold.
    #[error("signature")]
    Signature,
    /// It is another log's.
    #[error("another log")]
    OtherLog,
}

impl Head {
    /// Reads a checkpoint and, where a key is given, checks its signature.
    pub fn read(note: &str, key: Option<&LogPublicKey>) -> Result<Self, NoteFlaw> {
        let allowed = |c: char| c == '\n' || !c.is_ascii_control();
        let end = note.rfind("\n\n").filter(|_| note.chars().all(allowed));
        let end = end.ok_or(NoteFlaw::NotANote)?;
        let (text, signatures) = (&note[..=end], &note[end + 2..]);
        if signatures.is_empty() || !note.ends_with('\n') {
            return Err(NoteFlaw::NotANote);
        }
        let head = Self::of_text(text).ok_or(NoteFlaw::NotACheckpoint)?;
        if let Some(key) = key {
            if head.origin != key.name {
                return Err(NoteFlaw::OtherLog);
            }
            if !key.signed(text, signatures) {
                return Err(NoteFlaw::Signature);
            }
        }
        Ok(head)
    }

    /// Ours have no extension lines, and such lines would say what nobody checks.
    fn of_text(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let number: u64 = size.parse().ok()?;
        let raw: [u8; 32] = STANDARD.decode(root).ok()?.try_into().ok()?;
        let whole = !origin.is_empty() && number.to_string() == size && lines.next().is_none();
        whole.then(|| Self {
            origin: origin.to_owned(),
            size: number,
            root: Digest::from_bytes(raw),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of c2sp.org/tlog-checkpoint has no key; this pair of key and note is the
    /// published head of Go's checksum database in the documentation of golang.org/x/mod/sumdb.
    const GO_KEY: &str = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";

    #[test]
    fn a_key_that_others_published_is_read() {
        let key = LogPublicKey::read(GO_KEY).expect("a key");
        assert_eq!(key.name(), "sum.golang.org");
        assert_eq!(
            LogPublicKey::read(&GO_KEY.replace("033de0ae", "033de0af")),
            None
        );
        assert_eq!(LogPublicKey::read("sum.golang.org"), None);
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        let root = STANDARD.encode(Digest::of(b"").as_bytes());
        let good = format!("a\n7\n{root}\n\n\u{2014} a AAAA\n");
        assert_eq!(Head::read(&good, None).map(|head| head.size), Ok(7));
        let bad = [
            (good.replace("\n7\n", "\n07\n"), NoteFlaw::NotACheckpoint),
            (good.replace("\n7\n", "\n7\n\n"), NoteFlaw::NotACheckpoint),
            (
                good.replace("\n\n", "\nextension\n\n"),
                NoteFlaw::NotACheckpoint,
            ),
            (good.replace("\n\n", "\n"), NoteFlaw::NotANote),
            (good.replace('a', "\u{7}"), NoteFlaw::NotANote),
        ];
        for (note, flaw) in bad {
            assert_eq!(Head::read(&note, None), Err(flaw), "{note:?}");
        }
    }
}
