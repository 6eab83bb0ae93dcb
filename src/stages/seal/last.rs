//! Signatures that last: a file taken from B-B up to the level of the plan, as far as it goes today,
//! and taken further later.

use time::OffsetDateTime;

use super::{
    Lasting, Level, Options, SealFault, Sealed, Unreached, check_valid, claim, record, signed,
    vietnam_time,
};
use crate::formats::cms::{self, CmsFault};
use crate::formats::pades::{self, Newest, PadesFault, SignedPdf, ValidationData};
use crate::formats::pdfa::ConformantPdf;
use crate::formats::signer::Signer;
use crate::formats::timestamp::{Carried, Token};
use crate::formats::x509::Certificate;
use crate::model::manifest::{SealRecord, iso_8601};

/// A file on its way up.
struct Climb {
    pdf: SignedPdf,
    level: Level,
    stamp: Option<Token>,
    archived_at: Option<OffsetDateTime>,
}

/// Signs one file at the plan's level. Where a level cannot be reached now, the plan says whether
/// that is a fault or the file goes out at the level reached and says which one it waits for.
pub fn seal_lasting(
    pdf: &ConformantPdf,
    signer: &dyn Signer,
    options: &Options,
    at: OffsetDateTime,
    lasting: &Lasting<'_>,
) -> Result<Sealed, SealFault> {
    let claim = claim(options, at)?;
    let certificate = Certificate::read(signer.certificate_der())?;
    check_valid(&certificate, claim.at)?;
    let mark = options.mark.at(claim.at);
    let mut room_bytes = options.level.room_bytes();
    let (climb, fault) = loop {
        let mut climb = Climb {
            pdf: signed(pdf, signer, &claim, mark.as_ref(), room_bytes)?,
            level: Level::BB,
            stamp: None,
            archived_at: None,
        };
        match climb.up_to(options.level, signer, claim.at, lasting) {
            // An authority of many words: once more, with room for them.
            Err(SealFault::Pdf(PadesFault::TooLong { needed_bytes, .. }))
                if needed_bytes > room_bytes && climb.level == Level::BB =>
            {
                room_bytes = needed_bytes;
            }
            outcome => break (climb, outcome.err()),
        }
    };
    match fault {
        Some(fault) if options.if_unreached == Unreached::Stop || !waits(&fault) => Err(fault),
        _ => {
            let record = record(&certificate, claim.at, mark.as_ref());
            Ok(climb.sealed(record, options.level))
        }
    }
}

/// True where what is missing may come later: a time stamp, a list, an answer.
fn waits(fault: &SealFault) -> bool {
    use super::EvidenceFault::{IssuerMissing, StandingUnknown};
    matches!(
        fault,
        SealFault::Timestamp(_)
            | SealFault::Evidence(StandingUnknown { .. } | IssuerMissing { .. })
    )
}

impl Climb {
    fn up_to(
        &mut self,
        level: Level,
        signer: &dyn Signer,
        at: OffsetDateTime,
        lasting: &Lasting<'_>,
    ) -> Result<(), SealFault> {
        if level >= Level::BT {
            let (pdf, token) = pades::stamp(&self.pdf, lasting.timestamper)?;
            (self.pdf, self.stamp, self.level) = (pdf, Some(token), Level::BT);
        }
        if level >= Level::BLt {
            let token = self.stamp.as_ref().expect("B-T comes before B-LT");
            let (own, carried) = (signer.chain_der(), token.certificates_der());
            let mut data = ValidationData::default();
            for judged in [signer.certificate_der(), token.signer_der()] {
                let evidence = lasting.evidence;
                evidence.collect(judged, carried, own, at, &mut data)?;
            }
            self.pdf = pades::with_validation_data(self.pdf.bytes(), &data)?;
            self.level = Level::BLt;
        }
        if level >= Level::BLta {
            let stamped = pades::with_document_timestamp(self.pdf.bytes(), lasting.timestamper)?;
            (self.pdf, self.archived_at) = (stamped.0, Some(stamped.1.at()));
            self.level = Level::BLta;
        }
        Ok(())
    }

    fn sealed(self, mut record: SealRecord, wanted: Level) -> Sealed {
        if let SealRecord::Signed {
            level,
            wanted_level,
            stamped_at,
            archived_at,
            ..
        } = &mut record
        {
            *level = self.level.name().to_owned();
            *wanted_level = (self.level < wanted).then(|| wanted.name().to_owned());
            *stamped_at = self.stamp.and_then(|token| on_our_clock(token.at()));
            *archived_at = self.archived_at.and_then(on_our_clock);
        }
        Sealed {
            pdf: self.pdf,
            record,
        }
    }
}

/// A file of ours with what its newest signature or time stamp is judged by and a new time stamp over
/// all of it. The bytes given stay the beginning.
pub fn renewed(
    file: &[u8],
    at: OffsetDateTime,
    lasting: &Lasting<'_>,
) -> Result<(SignedPdf, Token), SealFault> {
    let unreadable = || SealFault::Pdf(PadesFault::Reread(pades::RereadFault::Contents));
    let (signers, carried) = match pades::newest(file).map_err(PadesFault::from)? {
        Newest::Timestamp(token) => {
            let carried = Carried::by(&token).ok_or_else(unreadable)?;
            (vec![carried.signer_der], carried.certificates_der)
        }
        Newest::Signature(content_info) => {
            let carried = cms::certificates_of(&content_info).map_err(CmsFault::from);
            signers_of(carried.map_err(PadesFault::from)?)
        }
    };
    let mut data = ValidationData::default();
    for signer in &signers {
        lasting
            .evidence
            .collect(signer, &carried, &[], at, &mut data)?;
    }
    let with_data = pades::with_validation_data(file, &data)?;
    Ok(pades::with_document_timestamp(
        with_data.bytes(),
        lasting.timestamper,
    )?)
}

/// An authority's time as the manifest has all times; one that no calendar turns is left out.
fn on_our_clock(at: OffsetDateTime) -> Option<String> {
    vietnam_time(at).ok().map(iso_8601)
}

/// Of certificates that came with one signature: those that no other of them was issued by.
fn signers_of(carried: Vec<Vec<u8>>) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let issues_none = |der: &&Vec<u8>| {
        let Ok(own) = Certificate::read(der) else {
            return false;
        };
        let others = carried.iter().filter(|other| other != der);
        let mut read = others.filter_map(|other| Certificate::read(other).ok());
        !read.any(|other| other.issuer_der() == own.subject_der())
    };
    let signers = carried.iter().filter(issues_none).cloned().collect();
    (signers, carried)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::formats::fictional_signer::Authority;
    use crate::formats::timestamp::fictional::{DeadLine, FictionalAuthority};
    use crate::stages::seal::Evidence;

    const AT: OffsetDateTime = datetime!(2026-11-21 08:30:00 +7);

    #[test]
    fn a_signed_file_is_renewed_again_and_again_and_keeps_its_beginning() {
        let root = Authority::root();
        let signed = pades::signed_sample(&root.signer(|_| {}));
        let authority = FictionalAuthority::below(&root, AT);
        let pieces = [root.der.clone(), root.revocation_list(AT, None)];
        let evidence = Evidence::of_files(pieces.map(|piece| ("tệp", piece))).expect("good");
        let lasting = Lasting {
            timestamper: &authority,
            evidence: &evidence,
        };
        let (once, token) = renewed(&signed, AT, &lasting).expect("renews");
        assert!(once.bytes().starts_with(&signed) && token.at() == AT);
        let (twice, _) = renewed(once.bytes(), AT, &lasting).expect("renews");
        assert!(twice.bytes().starts_with(once.bytes()));
        let dead = Lasting {
            timestamper: &DeadLine,
            evidence: &evidence,
        };
        let fault = renewed(&signed, AT, &dead).expect_err("nobody answers");
        assert!(matches!(fault, SealFault::Timestamp(_)) && waits(&fault));
    }

    #[test]
    fn without_what_judges_the_last_stamp_nothing_is_renewed() {
        let root = Authority::root();
        let signed = pades::signed_sample(&root.signer(|_| {}));
        let lasting = Lasting {
            timestamper: &FictionalAuthority::below(&root, AT),
            evidence: &Evidence::default(),
        };
        let fault = renewed(&signed, AT, &lasting).expect_err("no root");
        assert!(matches!(fault, SealFault::Evidence(_)));
    }
}
