//! Renewal: signed files get a new time stamp before the last one lapses, and files that left without
//! their time stamp get it now. Nothing but revisions behind the recorded bytes; no key is needed.
//!
//! Each file is renewed whole or not at all, and one that was renewed needs nothing for years: so
//! running again goes on where it was stopped.

use std::fs;
use std::path::Path;

use time::{Duration, OffsetDateTime};

use super::RunFault;
use crate::formats::pades::{self, Newest, PadesFault};
use crate::formats::timestamp::Carried;
use crate::formats::x509::Certificate;
use crate::model::Digest;
use crate::model::manifest::{DocumentRecord, SealRecord};
use crate::stages::package::{PackageFault, Store};
use crate::stages::seal::{self, Lasting, SealFault};

/// How the files of a package fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Renewed {
    /// Got a time stamp now.
    pub stamped: u64,
    /// Needed none.
    pub lasting: u64,
    /// Needed one that was not to be had.
    pub still_waiting: u64,
}

/// What is told of one file.
pub enum Told<'a> {
    /// It got a time stamp of this time.
    Stamped(&'a str, OffsetDateTime),
    /// It needs one and did not get it.
    Failed(&'a str, &'a SealFault),
}

/// Renews what lapses within this time, or everything that ever had or wanted a time stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Files whose last time stamp's certificate ends within this span, and those that wait.
    Within(Duration),
    /// Every file we signed.
    All,
}

/// Renews the files of a package.
///
/// A file that cannot be renewed is told and left as it is; only the package itself stops the work.
pub fn renew(
    out: &Path,
    which: Which,
    at: OffsetDateTime,
    lasting: &Lasting<'_>,
    tell: &dyn Fn(Told<'_>),
) -> Result<Renewed, RunFault> {
    let store = Store::open(out)?;
    let mut counts = Renewed::default();
    for (record, folder) in store.packaged()? {
        for document in &record.documents {
            if !matches!(document.seal, SealRecord::Signed { .. }) {
                continue;
            }
            let path = folder.join(&document.file);
            let name = path.strip_prefix(out).unwrap_or(&path).to_string_lossy();
            match renew_one(&store, &path, document, (which, at), lasting) {
                Ok(None) => counts.lasting += 1,
                Ok(Some(stamped_at)) => {
                    counts.stamped += 1;
                    tell(Told::Stamped(&name, stamped_at));
                }
                Err(RunFault::Seal(fault)) => {
                    counts.still_waiting += 1;
                    tell(Told::Failed(&name, &fault));
                }
                Err(fault) => return Err(fault),
            }
        }
    }
    store.close()?;
    Ok(counts)
}

/// The time of the stamp that the file got; `None` where it needs none.
fn renew_one(
    store: &Store,
    path: &Path,
    document: &DocumentRecord,
    (which, at): (Which, OffsetDateTime),
    lasting: &Lasting<'_>,
) -> Result<Option<OffsetDateTime>, RunFault> {
    let bytes = fs::read(path).map_err(PackageFault::at(path))?;
    let recorded = usize::try_from(document.bytes).ok();
    let recorded = recorded.and_then(|length| bytes.get(..length));
    if recorded.map(Digest::of) != Some(document.sha256) {
        let file = document.file.clone();
        return Err(SealFault::Altered { file }.into());
    }
    if !needs_stamp(&bytes, document, which, at)? {
        return Ok(None);
    }
    let (renewed, token) = seal::renewed(&bytes, at, lasting)?;
    store.replace(path, renewed.bytes())?;
    Ok(Some(token.at()))
}

fn needs_stamp(
    bytes: &[u8],
    document: &DocumentRecord,
    which: Which,
    at: OffsetDateTime,
) -> Result<bool, SealFault> {
    let newest = pades::newest(bytes).map_err(PadesFault::from)?;
    match newest {
        Newest::Timestamp(token) => Ok(which.takes_in(&token, at)),
        Newest::Signature(_) => {
            let waits = matches!(
                &document.seal,
                SealRecord::Signed {
                    wanted_level: Some(_),
                    ..
                }
            );
            Ok(waits || which == Which::All)
        }
    }
}

impl Which {
    /// True where what rests on this time stamp (ContentInfo in DER) is to be renewed now.
    pub fn takes_in(self, token: &[u8], at: OffsetDateTime) -> bool {
        let Which::Within(within) = self else {
            return true;
        };
        let ends = Carried::by(token).and_then(|carried| {
            let certificate = Certificate::read(&carried.signer_der).ok()?;
            Some(certificate.validity()?.not_after)
        });
        // A certificate that cannot be read is one more reason to stamp again.
        ends.is_none_or(|ends| ends <= at + within)
    }
}
