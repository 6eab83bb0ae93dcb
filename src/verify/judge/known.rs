//! What was found out about certificates and is so for every file of a run: what they say in words,
//! and which way leads from them to a root.
//!
//! A run judges thousands of files of a few signers. Both answers follow from what they are kept
//! under and from nothing else, so no verdict depends on what was judged before; where too many
//! are kept, all are forgotten and found anew.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use super::facts::CertificateFacts;
use super::path::{Purpose, Way};
use crate::model::{Digest, Digester};
use crate::verify::certificate::Cert;
use crate::verify::limits;

/// Answers of one kind that are kept; each has some 10 KB.
const MOST: usize = 256;

/// The answers kept with the roots and lent certificates that they rest on.
#[derive(Default)]
pub struct Known {
    said: Kept<Option<CertificateFacts>>,
    ways: Kept<Result<Way, String>>,
}

impl Known {
    /// What this certificate says, as `read` tells it.
    pub fn said(
        &self,
        cert: &Cert,
        read: impl FnOnce() -> Option<CertificateFacts>,
    ) -> Arc<Option<CertificateFacts>> {
        self.said.under(cert.digest(), read)
    }

    /// The way from this certificate, found by `find` with these certificates beside it, at this
    /// time and for this purpose.
    pub fn way(
        &self,
        signer: &Cert,
        pool: &[Cert],
        at_s: u64,
        purpose: Purpose,
        find: impl FnOnce() -> Result<Way, String>,
    ) -> Arc<Result<Way, String>> {
        let mut key = Digester::new();
        key.update(signer.digest().as_bytes());
        // As many as a path is looked for among.
        for cert in pool.iter().take(limits::CHAIN_CERTIFICATES) {
            key.update(cert.digest().as_bytes());
        }
        key.update(&at_s.to_be_bytes());
        key.update(&[u8::from(purpose == Purpose::Stamp)]);
        self.ways.under(key.finish(), find)
    }
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Known")
    }
}

/// Answers by the digest of all that they follow from.
struct Kept<T>(Mutex<HashMap<Digest, Arc<T>>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Kept<T> {
    fn under(&self, key: Digest, find: impl FnOnce() -> T) -> Arc<T> {
        if let Some(found) = self.all().get(&key) {
            return Arc::clone(found);
        }
        // Not while others wait: two threads may find the same, and one of both is kept.
        let found = Arc::new(find());
        let mut all = self.all();
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(key, Arc::clone(&found));
        found
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Digest, Arc<T>>> {
        self.0.lock().unwrap_or_else(|held| held.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::formats::fictional_signer::Authority;

    fn cert() -> Cert {
        let signer = Authority::root().signer(|_| {});
        Cert::from_der(&signer.certificate_der).expect("a certificate")
    }

    #[test]
    fn a_way_is_looked_for_anew_where_anything_that_decides_it_differs() {
        let (known, looked) = (Known::default(), Cell::new(0));
        let (signer, other) = (cert(), cert());
        let ask = |signer: &Cert, pool: &[Cert], at_s, purpose| {
            let find = || {
                looked.set(looked.get() + 1);
                Err(format!("found by look {}", looked.get()))
            };
            let found = known.way(signer, pool, at_s, purpose, find);
            (*found).as_ref().err().cloned().expect("none is found")
        };
        let pool = std::slice::from_ref(&other);
        let questions: [(&Cert, &[Cert], u64, Purpose); 5] = [
            (&signer, &[], 7, Purpose::Sign),
            (&other, &[], 7, Purpose::Sign),
            (&signer, pool, 7, Purpose::Sign),
            (&signer, &[], 8, Purpose::Sign),
            (&signer, &[], 7, Purpose::Stamp),
        ];
        let all =
            || questions.map(|(signer, pool, at_s, purpose)| ask(signer, pool, at_s, purpose));
        let first = all();
        assert_eq!(looked.get(), questions.len());
        assert_eq!(all(), first);
        assert_eq!(
            looked.get(),
            questions.len(),
            "nothing was looked for twice"
        );
    }

    #[test]
    fn answers_that_are_too_many_are_forgotten_and_found_anew() {
        let kept = Kept::default();
        let key = |n: usize| Digest::of(&n.to_be_bytes());
        for n in 0..=MOST {
            assert_eq!(*kept.under(key(n), || n), n);
        }
        assert_eq!(kept.all().len(), 1);
        assert_eq!(*kept.under(key(3), || 3), 3);
    }
}
