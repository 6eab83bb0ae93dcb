//! Whether digest, signature algorithm and key are allowed at a time: the table of `allowed.toml`.
//!
//! ETSI EN 319 102-1, 5.2.8 (cryptographic verification): algorithms are judged by the time at
//! which the signature is proven to exist, because a table that changes must not undo old proofs.

use std::sync::LazyLock;

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::facts::AlgorithmFacts;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    #[serde(default)]
    from_bits: u32,
    /// RFC 3339; without it there is no end.
    until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    digest: Vec<Row>,
    signature: Vec<Row>,
    key: Vec<Row>,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| toml::from_str(include_str!("allowed.toml")).expect("a test reads the table"));

impl Row {
    fn allows(&self, name: &str, bits: u32, at: OffsetDateTime) -> bool {
        let ended = self.until.as_ref().is_some_and(|until| {
            let until = OffsetDateTime::parse(until, &Rfc3339).expect("a test reads the table");
            at >= until
        });
        self.name == name && bits >= self.from_bits && !ended
    }
}

/// When a digest is no longer allowed; `None` where no end is set, or it never was.
pub fn digest_ends(name: &str) -> Option<OffsetDateTime> {
    let row = TABLE.digest.iter().find(|row| row.name == name)?;
    let until = row.until.as_ref()?;
    Some(OffsetDateTime::parse(until, &Rfc3339).expect("a test reads the table"))
}

/// True where a digest may be relied on at this time.
pub fn digest_holds(name: &str, at: OffsetDateTime) -> bool {
    TABLE.digest.iter().any(|row| row.allows(name, 0, at))
}

/// The algorithms of one signature, as far as they are known.
#[derive(Clone, Debug, Default)]
pub struct Used {
    /// Name of the digest over what is signed.
    pub digest: Option<String>,
    /// Name of the signature algorithm.
    pub signature: Option<String>,
    /// Family and bits of the key.
    pub key: Option<(String, u32)>,
}

/// The facts about the algorithms at this time. What is not known is not allowed, and is not
/// told as refused either.
pub fn judge(used: &Used, at: OffsetDateTime) -> AlgorithmFacts {
    let key = used.key.as_ref();
    let told = key.map(|(name, bits)| match name.as_str() {
        "RSA" => format!("RSA {bits}"),
        other => format!("EC {other}"),
    });
    let fine = |rows: &[Row], name: &str, bits: u32| rows.iter().any(|r| r.allows(name, bits, at));
    let each = [
        (
            &used.digest,
            used.digest.as_ref().map(|d| fine(&TABLE.digest, d, 0)),
        ),
        (
            &used.signature,
            used.signature
                .as_ref()
                .map(|s| fine(&TABLE.signature, s, 0)),
        ),
        (&told, key.map(|(name, bits)| fine(&TABLE.key, name, *bits))),
    ];
    let refused = each.iter().filter(|(_, fine)| *fine == Some(false));
    let refused: Vec<&str> = refused.filter_map(|(name, _)| name.as_deref()).collect();
    AlgorithmFacts {
        allowed: each.iter().all(|(_, fine)| *fine == Some(true)),
        why_not: (!refused.is_empty()).then(|| refused.join(", ")),
        digest: used.digest.clone(),
        signature: used.signature.clone(),
        key: told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const AT: OffsetDateTime = datetime!(2026-11-25 0:00 UTC);

    fn used(digest: &str, key: (&str, u32)) -> Used {
        Used {
            digest: Some(digest.to_owned()),
            signature: Some("RSA PKCS#1 v1.5".to_owned()),
            key: Some((key.0.to_owned(), key.1)),
        }
    }

    #[test]
    fn sha_2_with_rsa_of_2048_bits_is_allowed_and_less_is_named() {
        assert!(judge(&used("SHA-256", ("RSA", 2048)), AT).allowed);
        let weak = judge(&used("SHA-1", ("RSA", 1024)), AT);
        assert_eq!(weak.why_not.as_deref(), Some("SHA-1, RSA 1024"));
        assert!(!judge(&used("SHA-256", ("1.3.132.0.10", 0)), AT).allowed);
        let unknown = judge(&Used::default(), AT);
        assert_eq!((unknown.allowed, unknown.why_not), (false, None));
    }

    #[test]
    fn a_row_with_an_end_allows_only_before_it() {
        let row = Row {
            name: "SHA-256".to_owned(),
            from_bits: 0,
            until: Some("2026-01-01T00:00:00Z".to_owned()),
        };
        assert!(row.allows("SHA-256", 0, datetime!(2025-12-31 23:59:59 UTC)));
        assert!(!row.allows("SHA-256", 0, datetime!(2026-01-01 0:00 UTC)));
        for row in [&TABLE.digest, &TABLE.signature, &TABLE.key]
            .into_iter()
            .flatten()
        {
            assert!(row.allows(&row.name, row.from_bits, AT), "{}", row.name);
        }
    }
}
