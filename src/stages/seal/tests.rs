//! Key files as people bring them: good, wrong, old, and hostile; the time claimed.

use p12_keystore::{Certificate as P12Certificate, EncryptionAlgorithm, KeyStore};
use p12_keystore::{KeyStoreEntry, MacAlgorithm, PrivateKey, PrivateKeyChain};
use proptest::prelude::*;
use rcgen::KeyUsagePurpose;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::datetime;

use super::{EvidenceFault, KeyFile, SealFault, vietnam_time};
use crate::formats::fictional_signer::{Authority, FictionalSigner};
use crate::formats::jws::JwsFault;
use crate::formats::pades::{BaseFault, PadesFault, RereadFault};
use crate::formats::signer::{SignatureAlgorithm, Signer, SignerFault};
use crate::formats::x509::{Certificate, CertificateFault};
use crate::model::Coded;

const AT: OffsetDateTime = datetime!(2026-11-21 08:30:00 +7);
const PASSWORD: &str = "mật khẩu thử";

fn pkcs12(signer: &FictionalSigner, legacy: bool) -> Vec<u8> {
    let ders = [&signer.certificate_der]
        .into_iter()
        .chain(&signer.chain_der);
    let chain = ders.map(|der| P12Certificate::from_der(der).expect("a certificate"));
    let mut store = KeyStore::new();
    let key = PrivateKey::from_der(&signer.pkcs8_der).expect("a key");
    let entry = PrivateKeyChain::new("1", key, chain);
    store.add_entry("khoa", KeyStoreEntry::PrivateKeyChain(entry));
    let mut writer = store
        .writer(PASSWORD)
        .encryption_iterations(2)
        .mac_iterations(2);
    if legacy {
        writer = writer
            .encryption_algorithm(EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc)
            .mac_algorithm(MacAlgorithm::HmacSha1);
    }
    writer.write().expect("writes")
}

fn pem(blocks: &[(&str, &[u8])]) -> Vec<u8> {
    use base64::Engine;
    let encode = |der: &[u8]| base64::engine::general_purpose::STANDARD.encode(der);
    let block = |(label, der): &(&str, &[u8])| {
        let lines: Vec<String> = encode(der)
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        format!(
            "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
            lines.join("\n")
        )
    };
    blocks.iter().map(block).collect::<String>().into_bytes()
}

fn signs(key_file: &KeyFile) -> bool {
    let certificate = Certificate::read(key_file.certificate_der()).expect("reads");
    let signature = key_file.sign(b"message").expect("signs");
    certificate.public_key().expect("is ours").verifies(
        key_file.algorithm(),
        b"message",
        &signature,
    )
}

#[test]
fn pkcs12_in_the_new_and_the_old_way_opens_with_its_chain() {
    let root = Authority::root();
    let mut signer = root.below("Cấp chứng thư thử").signer(|_| {});
    signer.chain_der.push(root.der);
    for legacy in [false, true] {
        let key_file = KeyFile::open(&pkcs12(&signer, legacy), PASSWORD, AT).expect("opens");
        assert!(signs(&key_file));
        assert_eq!(key_file.certificate_der(), signer.certificate_der);
        assert_eq!(key_file.chain_der(), signer.chain_der);
    }
}

#[test]
fn another_password_is_told_from_a_broken_file() {
    let file = pkcs12(&Authority::root().signer(|_| {}), false);
    let fault = |bytes: &[u8], password| KeyFile::open(bytes, password, AT).expect_err("is bad");
    assert!(matches!(fault(&file, "khác"), SealFault::WrongPassword));
    assert!(matches!(fault(&file, ""), SealFault::WrongPassword));
    assert!(matches!(
        fault(&file[..file.len() / 2], PASSWORD),
        SealFault::Unreadable
    ));
    assert!(matches!(fault(b"", PASSWORD), SealFault::Unreadable));
    assert!(matches!(
        fault(b"no key at all", PASSWORD),
        SealFault::Unreadable
    ));
}

#[test]
fn pem_finds_the_keys_own_certificate_and_puts_the_chain_in_order() {
    let root = Authority::root();
    let issuing = root.below("Cấp chứng thư thử");
    let signer = issuing.signer(|_| {});
    let file = pem(&[
        ("CERTIFICATE", &root.der),
        ("CERTIFICATE", &issuing.der),
        ("PRIVATE KEY", &signer.pkcs8_der),
        ("CERTIFICATE", &signer.certificate_der),
    ]);
    let key_file = KeyFile::open(&file, "", AT).expect("opens");
    assert!(signs(&key_file));
    assert_eq!(key_file.certificate_der(), signer.certificate_der);
    assert_eq!(key_file.chain_der(), [issuing.der, root.der]);
}

#[test]
fn authorities_that_certify_each_other_end_the_chain() {
    let root = Authority::root();
    let (first, second) = (root.below("Thứ nhất"), root.below("Thứ hai"));
    let first_by_second = first.certified_by(&second, "Thứ nhất");
    let second_by_first = second.certified_by(&first, "Thứ hai");
    let signer = first.signer(|_| {});
    let file = pem(&[
        ("PRIVATE KEY", &signer.pkcs8_der),
        ("CERTIFICATE", &signer.certificate_der),
        ("CERTIFICATE", &first_by_second),
        ("CERTIFICATE", &second_by_first),
    ]);
    let circle = [first_by_second, second_by_first];
    let key_file = KeyFile::open(&file, "", AT).expect("opens");
    assert_eq!(key_file.chain_der(), circle);
    let mut signer = signer;
    signer.chain_der = circle.to_vec();
    let key_file = KeyFile::open(&pkcs12(&signer, false), PASSWORD, AT).expect("opens");
    assert_eq!(key_file.chain_der(), circle);
}

#[test]
fn keys_that_may_not_sign_are_refused_with_the_reason() {
    let root = Authority::root();
    let fault = |signer: &FictionalSigner, at| {
        KeyFile::open(&pkcs12(signer, false), PASSWORD, at).expect_err("is bad")
    };
    let honest = root.signer(|_| {});
    let early = fault(&honest, datetime!(2019-12-31 23:59:59 UTC));
    assert!(matches!(early, SealFault::NotYetValid { .. }));
    let late = fault(&honest, datetime!(2060-01-01 0:00:01 UTC));
    assert!(matches!(late, SealFault::Expired { .. }));
    let encipher = |params: &mut rcgen::CertificateParams| {
        params.key_usages = vec![KeyUsagePurpose::KeyEncipherment];
    };
    assert!(matches!(
        fault(&root.signer(encipher), AT),
        SealFault::UsageForbidsSigning
    ));
    let other_kind = root.signer_with(&rcgen::PKCS_ED25519, |_| {});
    assert!(matches!(fault(&other_kind, AT), SealFault::UnsupportedKey));
    let mut strangers = root.signer(|_| {});
    strangers.pkcs8_der = honest.pkcs8_der;
    assert!(matches!(fault(&strangers, AT), SealFault::NoCertificate));
}

#[test]
fn a_key_on_p384_opens_and_signs_with_sha_384() {
    let signer = Authority::root().signer_with(&rcgen::PKCS_ECDSA_P384_SHA384, |_| {});
    let key_file = KeyFile::open(&pkcs12(&signer, false), PASSWORD, AT).expect("opens");
    assert_eq!(key_file.algorithm(), SignatureAlgorithm::EcdsaP384Sha384);
    assert!(signs(&key_file));
}

#[test]
fn a_file_that_lacks_a_half_is_refused() {
    let signer = Authority::root().signer(|_| {});
    let certificate = pem(&[("CERTIFICATE", &signer.certificate_der)]);
    let fault = KeyFile::open(&certificate, "", AT).expect_err("has no key");
    assert!(matches!(fault, SealFault::NoKey));
    let key = pem(&[("PRIVATE KEY", &signer.pkcs8_der)]);
    let fault = KeyFile::open(&key, "", AT).expect_err("has no certificate");
    assert!(matches!(fault, SealFault::NoCertificate));
}

#[test]
fn a_key_file_shows_neither_key_nor_name_when_printed() {
    let signer = Authority::root().signer(|_| {});
    let key_file = KeyFile::open(&pkcs12(&signer, false), PASSWORD, AT).expect("opens");
    let expected = "KeyFile { algorithm: EcdsaP256Sha256, certificates: 2, .. }";
    assert_eq!(format!("{key_file:?}"), expected);
}

#[test]
fn the_claimed_time_stands_on_a_vietnamese_clock_in_whole_seconds() {
    let at = vietnam_time(datetime!(2026-11-21 18:30:15.75 UTC)).expect("in range");
    let text = at.format(&Rfc3339).expect("formats");
    assert_eq!(text, "2026-11-22T01:30:15+07:00");
}

#[test]
fn a_time_no_calendar_knows_is_refused() {
    let end = datetime!(9999-12-31 23:59:59 UTC);
    assert!(matches!(vietnam_time(end), Err(SealFault::TimeOutOfRange)));
}

fn sample() -> &'static (Vec<u8>, Vec<u8>) {
    static SAMPLE: std::sync::OnceLock<(Vec<u8>, Vec<u8>)> = std::sync::OnceLock::new();
    SAMPLE.get_or_init(|| {
        let signer = Authority::root().signer(|_| {});
        let pem = pem(&[
            ("PRIVATE KEY", &signer.pkcs8_der),
            ("CERTIFICATE", &signer.certificate_der),
        ]);
        (pkcs12(&signer, true), pem)
    })
}

proptest! {
    #[test]
    fn changed_key_files_open_to_a_working_key_or_not_at_all(
        is_pem in any::<bool>(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let (pkcs12, pem) = sample();
        let mut file = if is_pem { pem.clone() } else { pkcs12.clone() };
        let place = place.index(file.len());
        file[place] = byte;
        if let Ok(key_file) = KeyFile::open(&file, PASSWORD, AT) {
            prop_assert!(signs(&key_file));
        }
    }

    #[test]
    fn no_bytes_make_the_opener_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(KeyFile::open(&bytes, "", AT).is_err());
        let sequence = [&[0x30, 0x82, 0x01, 0x28], bytes.as_slice()].concat();
        prop_assert!(KeyFile::open(&sequence, "", AT).is_err());
    }
}

#[test]
fn every_fault_has_its_words_in_both_languages() {
    let words = [
        include_str!("../../messages/vi/seal.toml"),
        include_str!("../../messages/en/seal.toml"),
    ];
    let words = words.map(|text| toml::from_str::<toml::Table>(text).expect("is TOML"));
    let until = datetime!(2026-12-31 17:00 UTC);
    let text = || "CN=x".to_owned();
    let faults = [
        SealFault::Unreadable,
        SealFault::WrongPassword,
        SealFault::UnsupportedEncryption,
        SealFault::NoKey,
        SealFault::NoCertificate,
        SealFault::Certificate(CertificateFault::Unreadable),
        SealFault::DamagedKey,
        SealFault::UnsupportedKey,
        SealFault::ShortRsaKey { bits: 1024 },
        SealFault::UsageForbidsSigning,
        SealFault::NotYetValid { from: until },
        SealFault::Expired { until },
        SealFault::TimeOutOfRange,
        SealFault::Signer(SignerFault::Refused),
        SealFault::Pdf(PadesFault::Base(BaseFault::Encrypted)),
        SealFault::Pdf(PadesFault::Reread(RereadFault::NoSignature)),
        SealFault::Header(JwsFault::Signature),
        SealFault::Evidence(EvidenceFault::IssuerMissing { subject: text() }),
        SealFault::Evidence(EvidenceFault::StandingUnknown { subject: text() }),
        SealFault::Evidence(EvidenceFault::Revoked {
            subject: text(),
            since: until,
        }),
        SealFault::Evidence(EvidenceFault::BadFile { name: text() }),
        SealFault::Altered { file: text() },
    ];
    for language in &words {
        // Those of signing later (3) and elsewhere (6) are told with the file by `run`.
        assert_eq!(language.len(), faults.len() + 3 + 6);
        for fault in &faults {
            let message = language[fault.code()].as_table().expect("a message");
            let said = ["what", "remedy"].map(|half| message[half].as_str().expect("text"));
            let open = said.concat().matches('{').count();
            assert_eq!(open, fault.params().len(), "{}", fault.code());
            for name in fault.params().keys() {
                assert!(said[0].contains(&format!("{{{name}}}")), "{}", fault.code());
            }
        }
    }
    assert_eq!(SealFault::Expired { until }.params()["day"], "2027-01-01");
}
