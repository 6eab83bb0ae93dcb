//! What the auditor found: a stable code, how bad it is, where, and the particulars.
//!
//! A finding is not a fault: the audit was done, and this is its outcome. The
//! words lie in `messages/{vi,en}/verify.toml` under the same codes;
//! docs/verify.md lists them all.

use serde::Serialize;

use crate::model::Params;

/// How much a finding weighs in the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; changes no verdict.
    Note,
    /// Something could not be judged: the verdict is at best indeterminate.
    Doubt,
    /// Something is not as it must be: the verdict is invalid.
    Wrong,
}

/// Declares the codes once: variant, stable id, severity and what it means.
macro_rules! codes {
    ($($(#[$doc:meta])+ $name:ident = $id:literal $severity:ident,)+) => {
        /// What was found. Ids are stable: logs, scripts and docs hang on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])+ $name,)+ }

        impl Code {
            /// Every code, in the order of their ids.
            pub const ALL: &'static [Code] = &[$(Code::$name,)+];

            /// The stable id, such as `V01`.
            pub fn id(self) -> &'static str {
                match self { $(Code::$name => $id,)+ }
            }

            /// How much it weighs.
            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)+ }
            }
        }
    };
}

// V13 (content root differs on a re-run) and V14 (superseded) are kept for the
// checks that a later version makes; V09 and V92 said what was not judged before it was
// (revocation, the record's authority) and are not used again. docs/verify.md says so.
codes! {
    /// A file's length or SHA-256 is not the recorded one.
    FileDiffers = "V01" Wrong,
    /// A file that the manifest names is not there.
    FileMissing = "V02" Wrong,
    /// A file or folder that nothing names.
    FileExtra = "V03" Wrong,
    /// The Merkle root or the number of leaves differs from the header's.
    TreeDiffers = "V04" Wrong,
    /// A signature does not hold for the bytes it covers, or is malformed.
    SignatureBroken = "V05" Wrong,
    /// A signature does not cover everything but its own value.
    SignatureNotWhole = "V06" Wrong,
    /// No path from the signer's certificate to a trusted root.
    ChainUntrusted = "V07" Wrong,
    /// A certificate was revoked before or when the signature was made.
    CertificateRevoked = "V08" Wrong,
    /// The time of signing is the signer's own claim.
    TimeSelfReported = "V10" Note,
    /// The certificate was not valid at the claimed time.
    CertificateOutOfTime = "V11" Wrong,
    /// The file does not say and carry what every PDF/A-2u file must.
    NotPdfA = "V12" Wrong,
    /// `batch.json` cannot be read as a batch header.
    HeaderInvalid = "V15" Wrong,
    /// A line of the manifest cannot be read, or breaks a rule of its shape.
    LineInvalid = "V16" Wrong,
    /// The manifest's digest or number of lines is not the header's.
    ManifestDiffers = "V17" Wrong,
    /// A count of the header differs from the one recomputed from the lines.
    CountDiffers = "V18" Wrong,
    /// Scanned pages are not the sum of published, blank, separator and rejected ones.
    PagesUnbalanced = "V19" Wrong,
    /// The manifest's lines are not sorted by folder.
    LineOutOfOrder = "V20" Wrong,
    /// A folder or a dossier code stands twice in the manifest.
    DossierTwice = "V21" Wrong,
    /// A dossier's own record is not its line of the manifest.
    RecordDiffers = "V22" Wrong,
    /// A recorded name leads out of its place; it was not followed.
    NameUnsafe = "V23" Wrong,
    /// A symbolic link, device or pipe stands where only files and folders may.
    NotAPlainFile = "V24" Wrong,
    /// The batch carries no signature.
    BatchUnsigned = "V25" Doubt,
    /// The batch's signature does not hold for `batch.json`, or is malformed.
    BatchSignatureBroken = "V26" Wrong,
    /// A signature rests on an algorithm or key size that is not allowed.
    AlgorithmNotAllowed = "V27" Wrong,
    /// A document waits for its signature (chờ ký).
    WaitingForSignature = "V28" Doubt,
    /// A document's signature is not the recorded one.
    SealDiffers = "V29" Wrong,
    /// The file was changed in a way that no signature needs.
    ForeignChange = "V30" Wrong,
    /// The certificate may not be used for signing documents.
    KeyUsageWrong = "V31" Wrong,
    /// A claimed time lies after the time of this audit.
    TimeInFuture = "V32" Doubt,
    /// A page's image is not the recorded one.
    PageImageDiffers = "V33" Wrong,
    /// A page's text is not the recorded one.
    PageTextDiffers = "V34" Wrong,
    /// A document has more or fewer pages than recorded.
    PageCountDiffers = "V35" Wrong,
    /// A file cannot be read as PDF.
    PdfUnreadable = "V36" Wrong,
    /// Something is larger than the auditor's budget, so it was not judged.
    OverBudget = "V37" Doubt,
    /// No trusted roots were given, so no certificate was judged.
    NoTrustRoots = "V38" Doubt,
    /// A file could not be read from the disk.
    NotReadable = "V39" Doubt,
    /// Made by a later version: says things that this program cannot judge.
    LaterVersion = "V40" Doubt,
    /// Traces of a run that is under way or was broken off.
    RunUnfinished = "V41" Doubt,
    /// A page shows more, or other, than one image under invisible text.
    PageForeign = "V42" Wrong,
    /// The recorded state of a kept document's signatures is not the recomputed one.
    KeptStateDiffers = "V43" Wrong,
    /// A kept document came with a signature that does not hold, or was changed after it.
    KeptBroken = "V44" Doubt,
    /// A signature of a kept document, or its signer, cannot be judged.
    KeptUnknown = "V45" Doubt,
    /// Signatures or proofs were added behind a signature of a kept document, and nothing else.
    KeptExtended = "V46" Note,
    /// A signature of a kept document rests on a weak algorithm or key.
    KeptWeak = "V47" Doubt,
    /// A certificate was revoked later than the signer claims to have signed; nothing proves the claim.
    RevokedUnproven = "V48" Doubt,
    /// Whether a certificate was revoked is not known.
    RevocationUnknown = "V49" Doubt,
    /// No path from a certificate to a root that was given (any PDF, not ours).
    SignerUnknown = "V50" Doubt,
    /// A certificate's dates do not hold at the time that is proven.
    DatesUnproven = "V51" Doubt,
    /// A time stamp proves nothing.
    TimestampUnproven = "V52" Doubt,
    /// A time stamp is over other bytes, or its signature does not hold.
    TimestampBroken = "V53" Wrong,
    /// Something was changed behind a signature that a person has to look at.
    ChangeUnjudged = "V54" Doubt,
    /// Behind a signature stand only further signatures or proofs.
    ProofsAdded = "V55" Note,
    /// The file carries no signature.
    NoSignature = "V56" Doubt,
    /// A signature is of a kind that cannot be judged.
    SignatureUnjudged = "V57" Doubt,
    /// A proof cannot be read, or its path fits no tree.
    ProofBroken = "V80" Wrong,
    /// A proof leads to another root than the batch's header says, or names another header.
    ProofOfOtherBatch = "V81" Wrong,
    /// The file that was given is not the one that the proof is about.
    ProofOfOtherFile = "V82" Wrong,
    /// The file is the proven one with something behind it, as a renewed signature has.
    ProofOfBeginning = "V83" Doubt,
    /// No batch header was given, so nobody knows what the proof leads to.
    ProofWithoutBatch = "V84" Doubt,
    /// Nothing was given that the proof could be held against, so only its way up was followed.
    ProofWithoutFile = "V85" Note,
    /// A log's head, tile, entry or proof is not what it must be.
    LogBroken = "V86" Wrong,
    /// The log is not a continuation of what it once was.
    LogForked = "V87" Wrong,
    /// The log has fewer entries than it once had.
    LogShorter = "V88" Wrong,
    /// The package, as it is now, is not in the log.
    BatchNotLogged = "V89" Wrong,
    /// The log's key was not given, so its signature was not judged.
    LogKeyMissing = "V90" Doubt,
    /// The batch's evidence record does not lead from the header and tree through its time stamps.
    RecordBroken = "V91" Wrong,
    /// The batch's evidence record proves the time of signatures that have no time stamp of their own.
    TimeOfRecord = "V93" Note,
    /// A file is not the one in the list by another hash that the renewed evidence record covers.
    ListDiffers = "V94" Wrong,
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// Where something was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// Path below the package's folder, `/` between its parts.
    pub path: String,
    /// Line of that file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Page of that file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Signature of that file, from 1, innermost first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<u32>,
}

impl Place {
    /// A whole file.
    pub fn file(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            ..Self::default()
        }
    }

    /// A line of a file, from 1.
    pub fn line(path: impl Into<String>, line: u64) -> Self {
        Self {
            line: Some(line),
            ..Self::file(path)
        }
    }

    /// A signature of a file, from 1, innermost first.
    pub fn signature(path: impl Into<String>, signature: u32) -> Self {
        Self {
            signature: Some(signature),
            ..Self::file(path)
        }
    }

    /// A page of a file, from 1.
    pub fn page(path: impl Into<String>, page: u32) -> Self {
        Self {
            page: Some(page),
            ..Self::file(path)
        }
    }
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// The particulars, by the names that the words use.
    pub params: Params,
}

impl Finding {
    /// A finding without particulars.
    pub fn new(code: Code, place: Place) -> Self {
        Self {
            code,
            severity: code.severity(),
            place,
            params: Params::new(),
        }
    }

    /// Adds one particular.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.insert(name, value.to_string());
        self
    }

    /// All values for the words' placeholders: the particulars and the place.
    pub fn values(&self) -> Params {
        let mut values = self.params.clone();
        values.insert("file", self.place.path.clone());
        if let Some(line) = self.place.line {
            values.insert("line", line.to_string());
        }
        if let Some(page) = self.place.page {
            values.insert("page", page.to_string());
        }
        if let Some(signature) = self.place.signature {
            values.insert("signature", signature.to_string());
        }
        values
    }
}

/// Findings as they are gathered, with a ceiling so that a hostile package
/// cannot fill the memory with its defects.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
    left_out: u64,
    worst: Option<Severity>,
}

impl Findings {
    /// Adds one, or only counts it above the ceiling.
    pub fn add(&mut self, finding: Finding) {
        self.worst = self.worst.max(Some(finding.severity));
        if self.list.len() < super::limits::FINDINGS {
            self.list.push(finding);
        } else {
            self.left_out += 1;
        }
    }

    /// Adds all that another gathered.
    pub fn absorb(&mut self, other: Findings) {
        self.worst = self.worst.max(other.worst);
        self.left_out += other.left_out;
        other.list.into_iter().for_each(|finding| self.add(finding));
    }

    /// True where this was found, and not above the ceiling.
    pub fn has(&self, code: Code) -> bool {
        self.list.iter().any(|finding| finding.code == code)
    }

    /// The worst severity so far; absent where nothing was found.
    pub fn worst(&self) -> Option<Severity> {
        self.worst
    }

    /// The findings ranked: worst first, then by place, then by code; and how many were left out.
    pub fn ranked(mut self) -> (Vec<Finding>, u64) {
        self.list.sort_by(|a, b| {
            let left = (b.severity, &a.place, a.code, &a.params);
            left.cmp(&(a.severity, &b.place, b.code, &b.params))
        });
        // A link, say, is seen once while listing and once while opening.
        self.list.dedup();
        (self.list, self.left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_in_order() {
        let ids: Vec<&str> = Code::ALL.iter().map(|code| code.id()).collect();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(ids, sorted);
    }

    #[test]
    fn the_worst_stand_first() {
        let mut findings = Findings::default();
        for code in [
            Code::TimeSelfReported,
            Code::FileMissing,
            Code::BatchUnsigned,
        ] {
            findings.add(Finding::new(code, Place::file("a")));
        }
        assert_eq!(findings.worst(), Some(Severity::Wrong));
        let codes: Vec<&str> = findings.ranked().0.iter().map(|f| f.code.id()).collect();
        assert_eq!(codes, ["V02", "V25", "V10"]);
    }

    #[test]
    fn above_the_ceiling_findings_are_counted_only() {
        let mut findings = Findings::default();
        for number in 0..super::super::limits::FINDINGS + 3 {
            findings.add(Finding::new(
                Code::FileExtra,
                Place::file(number.to_string()),
            ));
        }
        let (list, left_out) = findings.ranked();
        assert_eq!((list.len(), left_out), (super::super::limits::FINDINGS, 3));
    }
}
