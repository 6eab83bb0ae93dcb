//! The validation report of ETSI TS 119 102-2 (V1.4.1) in XML, for other programs.
//!
//! One `SignatureValidationReport` for each signature and document time stamp that was judged;
//! certificates and lists stand once each among the `SignatureValidationObjects`, by digest: the
//! report names what it rests on and does not repeat it. Reason codes and the circular's criteria
//! stand under `OtherInformation` in a namespace of our own. The report is not signed.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::xml::{Writer, escaped};
use super::{Verification, criteria, words};
use crate::messages::Language;
use crate::model::Digest;
use crate::verify::judge::{
    AlgorithmFacts, Indication, RevocationSourceKind, RevocationState, SignatureKind,
    SignatureReport, SignerFacts,
};

const NAMESPACES: &str = " xmlns=\"http://uri.etsi.org/19102/v1.4.1#\" \
     xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:s=\"urn:x-sohoa:verify:1\"";
const SHA256: &str = " Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"";

/// The whole report. Where no signature was judged it says so in one report without a signature,
/// because the schema asks for at least one.
pub fn report(verification: &Verification) -> String {
    let mut objects = Objects::default();
    let mut writer = Writer::default();
    writer.element("ValidationReport", NAMESPACES, |all| {
        let mut any = false;
        for (path, signature) in verification.signatures() {
            any = true;
            one(all, verification, &path, signature, &mut objects);
        }
        if !any {
            nothing_signed(all, verification);
        }
        objects.write(all);
    });
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n",
        writer.finish()
    )
}

fn nothing_signed(writer: &mut Writer, verification: &Verification) {
    writer.element("SignatureValidationReport", "", |report| {
        report.element("ValidationTimeInfo", "", |info| {
            times(info, verification.at, None)
        });
        report.element("SignatureValidationStatus", "", |status| {
            status.text("MainIndication", main_indication(Indication::Indeterminate));
            status.text("SubIndication", sub_indication("SIGNED_DATA_NOT_FOUND"));
        });
    });
}

fn one(
    writer: &mut Writer,
    verification: &Verification,
    path: &str,
    signature: &SignatureReport,
    objects: &mut Objects,
) {
    writer.element("SignatureValidationReport", "", |report| {
        report.element("SignatureIdentifier", "", |identifier| {
            identifier.text("HashOnly", "false");
            identifier.text("DocHashOnly", "false");
            let field = signature.field.as_deref().unwrap_or("-");
            identifier.text("DAIdentifier", format!("{path} #{} {field}", signature.n));
        });
        report.element("ValidationTimeInfo", "", |info| {
            times(info, verification.at, signature.proven_time);
        });
        report.element("SignersDocument", "", |document| {
            let id = objects.file(path, digest_of(verification, path));
            document.empty("SignersDocumentRepresentation", &reference(&id));
        });
        report.element("SignatureAttributes", "", |attributes| {
            attributes_of(attributes, signature);
        });
        if let Some(certificate) = &signature.signer.certificate {
            report.element("SignerInformation", "", |signer| {
                let id = objects.certificate(certificate.sha256);
                signer.empty("SignerCertificate", &reference(&id));
                signer.text("Signer", &certificate.subject);
            });
        }
        report.element("SignatureValidationProcess", "", |process| {
            process.text("SignatureValidationProcessID", process_id(signature));
        });
        report.element("SignatureValidationStatus", "", |status| {
            status.text("MainIndication", main_indication(signature.indication));
            if let Some(why) = signature.sub_indication {
                status.text("SubIndication", sub_indication(why.text()));
            }
            rests_on(status, &signature.signer, objects);
        });
        report.element("OtherInformation", "", |other| ours(other, path, signature));
    });
}

fn times(info: &mut Writer, at: OffsetDateTime, proven: Option<OffsetDateTime>) {
    info.text("ValidationTime", utc(at));
    info.element("BestSignatureTime", "", |best| {
        best.text("POETime", utc(proven.unwrap_or(at)));
        best.text("TypeOfProof", "urn:etsi:019102:poetype:validation");
    });
}

fn attributes_of(attributes: &mut Writer, signature: &SignatureReport) {
    if let Some(claimed) = signature.claimed_time {
        attributes.element("SigningTime", "", |one| one.text("Time", utc(claimed)));
    }
    let stamps = signature.timestamps.iter();
    for time in stamps.filter_map(|stamp| stamp.time) {
        attributes.element("SignatureTimeStamp", " Signed=\"false\"", |one| {
            one.text("TimeStampValue", utc(time));
        });
    }
    let own = signature.proven_time.or(signature.claimed_time);
    if let (SignatureKind::DocumentTimestamp, Some(time)) = (signature.kind, own) {
        attributes.element("DocTimeStamp", "", |one| {
            one.text("TimeStampValue", utc(time))
        });
    }
    attributes.element("SubFilter", "", |one| {
        one.text("SubFilterElement", &signature.sub_filter);
    });
}

/// The certificates of the path, what is revoked, and the algorithms.
fn rests_on(status: &mut Writer, signer: &SignerFacts, objects: &mut Objects) {
    let Some(certificate) = &signer.certificate else {
        return;
    };
    let own = objects.certificate(certificate.sha256);
    status.element("AssociatedValidationReportData", "", |data| {
        data.element("CertificateChain", "", |chain| {
            chain.empty("SigningCertificate", &reference(&own));
            for between in &signer.path.between {
                let id = objects.certificate(between.sha256);
                chain.empty("IntermediateCertificate", &reference(&id));
            }
        });
        for source in signer
            .revocation
            .iter()
            .filter_map(|one| one.source.as_ref())
        {
            let id = objects.revocation(source.kind, source.sha256);
            data.empty("RelatedValidationObject", &reference(&id));
        }
        let revoked = signer.revocation.iter();
        let mut revoked = revoked.filter(|one| one.state == RevocationState::Revoked);
        if let Some((one, when)) = revoked.find_map(|one| Some((one, one.revoked_at?))) {
            data.element("RevocationStatusInformation", "", |information| {
                information.empty("ValidationObjectId", &reference(&own));
                information.text("RevocationTime", utc(when));
                if let Some(source) = &one.source {
                    let id = objects.revocation(source.kind, source.sha256);
                    information.empty("RevocationObject", &reference(&id));
                }
            });
        }
        if let Some(algorithm) = algorithm_uri(&signer.algorithms) {
            data.element("CryptoInformation", "", |crypto| {
                crypto.empty("ValidationObjectId", &reference(&own));
                crypto.text("Algorithm", algorithm);
                crypto.text("SecureAlgorithm", signer.algorithms.allowed.to_string());
            });
        }
    });
}

/// Reasons by code, and the circular's criteria.
fn ours(other: &mut Writer, path: &str, signature: &SignatureReport) {
    for reason in &signature.reasons {
        let code = format!(" code=\"{}\"", reason.code.id());
        let text = words(reason, path, Language::En).what;
        other.element("s:Reason", &code, |one| one.text("s:Text", text));
    }
    for criterion in criteria::criteria(signature) {
        let (id, state) = (&criterion.name.id, criterion.state.id());
        let attributes = format!(" id=\"{}\" state=\"{state}\"", escaped(id));
        other.element("s:Criterion", &attributes, |one| {
            one.text("s:Text", &criterion.name.en);
        });
    }
}

/// Certificates, lists and files by digest, each once.
#[derive(Default)]
struct Objects {
    /// Id → object type and digest.
    digests: BTreeMap<String, (&'static str, Digest)>,
    /// Path → id and digest.
    files: BTreeMap<String, (String, Option<Digest>)>,
}

impl Objects {
    fn put(&mut self, letter: char, kind: &'static str, digest: Digest) -> String {
        let id = format!("{letter}-{digest}");
        self.digests.insert(id.clone(), (kind, digest));
        id
    }

    fn certificate(&mut self, digest: Digest) -> String {
        self.put('C', "certificate", digest)
    }

    fn revocation(&mut self, kind: RevocationSourceKind, digest: Digest) -> String {
        match kind {
            RevocationSourceKind::Crl => self.put('L', "CRL", digest),
            RevocationSourceKind::Ocsp => self.put('O', "OCSPResponse", digest),
        }
    }

    fn file(&mut self, path: &str, digest: Option<Digest>) -> String {
        let next = format!("F-{}", self.files.len() + 1);
        let known = self.files.entry(path.to_owned());
        known.or_insert((next, digest)).0.clone()
    }

    fn write(self, report: &mut Writer) {
        if self.digests.is_empty() && self.files.is_empty() {
            return;
        }
        report.element("SignatureValidationObjects", "", |objects| {
            for (id, (kind, digest)) in &self.digests {
                object(objects, id, kind, |inside| digest_value(inside, *digest));
            }
            for (path, (id, digest)) in &self.files {
                object(objects, id, "signedData", |inside| match digest {
                    Some(digest) => digest_value(inside, *digest),
                    None => inside.text("URI", uri_of(path)),
                });
            }
        });
    }
}

fn object(objects: &mut Writer, id: &str, kind: &str, inside: impl FnOnce(&mut Writer)) {
    objects.element("ValidationObject", &format!(" id=\"{id}\""), |object| {
        object.text(
            "ObjectType",
            format!("urn:etsi:019102:validationObject:{kind}"),
        );
        object.element("ValidationObjectRepresentation", "", inside);
    });
}

fn digest_value(writer: &mut Writer, digest: Digest) {
    writer.element("DigestAlgAndValue", "", |value| {
        value.empty("ds:DigestMethod", SHA256);
        value.text("ds:DigestValue", STANDARD.encode(digest.as_bytes()));
    });
}

fn digest_of(verification: &Verification, path: &str) -> Option<Digest> {
    verification
        .subjects
        .iter()
        .find_map(|subject| match subject {
            super::Subject::Pdf(pdf) if pdf.path == path => Some(pdf.sha256),
            _ => None,
        })
}

/// A path as a relative URI reference (RFC 3986, 2.1): everything but the unreserved is encoded.
fn uri_of(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let letter = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    path.bytes().map(letter).collect()
}

fn reference(id: &str) -> String {
    format!(" VOReference=\"{id}\"")
}

fn utc(time: OffsetDateTime) -> String {
    let time = time.to_offset(time::UtcOffset::UTC);
    let time = time.replace_nanosecond(0).unwrap_or(time);
    // Years beyond 9999 have no RFC 3339 form; no certificate of this world names one.
    time.format(&Rfc3339)
        .unwrap_or_else(|_| "9999-12-31T23:59:59Z".to_owned())
}

fn main_indication(indication: Indication) -> &'static str {
    match indication {
        Indication::TotalPassed => "urn:etsi:019102:mainindication:total-passed",
        Indication::Indeterminate => "urn:etsi:019102:mainindication:indeterminate",
        Indication::TotalFailed => "urn:etsi:019102:mainindication:total-failed",
    }
}

fn sub_indication(text: &str) -> String {
    format!("urn:etsi:019102:subindication:{text}")
}

/// Which process of EN 319 102-1 was gone through: basic, or with time stamps.
fn process_id(signature: &SignatureReport) -> &'static str {
    match signature.proven_time {
        Some(_) => "urn:etsi:019102:validationprocess:LTVM",
        None => "urn:etsi:019102:validationprocess:Basic",
    }
}

/// The names of RFC 6931 for what the judge calls by words.
fn algorithm_uri(found: &AlgorithmFacts) -> Option<String> {
    let bits = found.digest.as_deref()?.strip_prefix("SHA-")?;
    let signature = found.signature.as_deref()?;
    Some(match signature {
        _ if signature.contains("PSS") => {
            format!("http://www.w3.org/2007/05/xmldsig-more#sha{bits}-rsa-MGF1")
        }
        _ if signature.contains("ECDSA") => {
            format!("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha{bits}")
        }
        _ if bits == "1" => "http://www.w3.org/2000/09/xmldsig#rsa-sha1".to_owned(),
        _ => format!("http://www.w3.org/2001/04/xmldsig-more#rsa-sha{bits}"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::specimen;
    use super::*;

    #[test]
    fn every_object_stands_once_and_every_reference_leads_to_one() {
        let mut signature = specimen::signature();
        signature.timestamps = vec![specimen::timestamp()];
        let text = report(&specimen::of(vec![signature.clone(), signature]));
        let pattern = |text: &str| regex::Regex::new(text).expect("a constant pattern");
        let ids: Vec<_> = pattern(" id=\"([CLOF]-[^\"]+)\"")
            .captures_iter(&text)
            .map(|c| c[1].to_owned())
            .collect();
        let mut once = ids.clone();
        once.sort();
        once.dedup();
        assert_eq!(ids.len(), once.len());
        let found = pattern("VOReference=\"([^\"]+)\"");
        let references: Vec<_> = found
            .captures_iter(&text)
            .map(|c| c[1].to_owned())
            .collect();
        assert!(references.len() >= 8 && references.iter().all(|one| once.contains(one)));
    }

    #[test]
    fn the_indication_is_written_as_the_standard_names_it() {
        let mut signature = specimen::signature();
        signature.indication = Indication::Indeterminate;
        signature.sub_indication = Some(crate::verify::judge::SubIndication::TryLater);
        let text = report(&specimen::of(vec![signature]));
        assert!(
            text.contains(":mainindication:indeterminate<")
                && text.contains(":subindication:TRY_LATER<")
        );
        assert!(report(&specimen::of(Vec::new())).contains("SIGNED_DATA_NOT_FOUND"));
    }

    #[test]
    fn a_path_is_encoded_as_a_uri() {
        assert_eq!(uri_of("a b/ữ.pdf"), "a%20b/%E1%BB%AF.pdf");
    }
}
