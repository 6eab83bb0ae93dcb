"""PDF files that pyHanko signed at every level, B-B to B-LTA, with lists and answers about
revocation, and what pyHanko says of them.

usage: level_specimens.py OUT     writes OUT/NAME.pdf, roots, lists and answers; prints an object:
  at         the time at which everything was signed, RFC 3339
  pyhanko    NAME -> whether pyHanko's bottom line is good for every signature

The authorities are made here and live as long as this program runs: a root, an issuing
authority, a time-stamping authority, an OCSP responder. All people are fictional.
"""

import datetime
import io
import json
import sys
import warnings
from pathlib import Path

import pikepdf
from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers, timestamps
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

warnings.simplefilter("ignore")
DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


class Party:
    """A key with its certificate."""

    def __init__(self, name, issuer=None, ends=NOW + 3650 * DAY, begins=NOW - 3650 * DAY, *, authority=False, usage=(), nocheck=False):
        self.key = rsa.generate_private_key(65537, 2048) if not authority else ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.issuer = issuer or self
        builder = x509.CertificateBuilder().subject_name(self.name).issuer_name(self.issuer.name)
        builder = builder.public_key(self.key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(begins).not_valid_after(ends)
        builder = builder.add_extension(x509.BasicConstraints(authority, None), critical=True)
        builder = builder.add_extension(
            x509.KeyUsage(not authority, not authority, False, False, False, authority, authority, False, False), critical=True)
        if usage:
            builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=True)
        if nocheck:
            builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
        self.cert = builder.sign(self.issuer.key, hashes.SHA256())
        self.der = self.cert.public_bytes(serialization.Encoding.DER)
        self.asn1 = asn1_x509.Certificate.load(self.der)

    def asn1_key(self):
        der = self.key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return asn1_keys.PrivateKeyInfo.load(der)

    def revocation_list(self, revoked=(), since=None, issued=NOW - DAY, days=60, more=(), by=None):
        """A list of this authority: `revoked` parties, since when."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.name).last_update(issued).next_update(issued + days * DAY)
        for party in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(party.cert.serial_number).revocation_date(since)
            builder = builder.add_revoked_certificate(entry.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), False).build())
        for extension in more:
            builder = builder.add_extension(extension, critical=True)
        return builder.sign((by or self).key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def answer(self, party, responder, revoked_at=None):
        """An OCSP answer about a party, signed by a responder."""
        status = ocsp.OCSPCertStatus.REVOKED if revoked_at else ocsp.OCSPCertStatus.GOOD
        builder = ocsp.OCSPResponseBuilder().add_response(
            party.cert, self.cert, hashes.SHA1(), status, NOW - DAY, NOW + 30 * DAY, revoked_at, None)
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder.cert)
        if responder is not self:
            builder = builder.certificates([responder.cert])
        return builder.sign(responder.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


ROOT = Party("Goc thu nghiem", authority=True)
CA = Party("Cap chung thu thu nghiem", ROOT, authority=True)
SIGNER = Party("UBND xa Thu Nghiem", CA)
SHORT = Party("UBND xa Ngan Han", CA, ends=NOW + 2 * DAY)
ENDED = Party("UBND xa Het Han", CA, ends=NOW - DAY)
TSA = Party("Dau thoi gian thu nghiem", CA, usage=[ExtendedKeyUsageOID.TIME_STAMPING])
NO_TSA = Party("Khong duoc dong dau thoi gian", CA)
STRANGER = Party("Goc la", authority=True)
STRANGE_TSA = Party("Dau thoi gian la", STRANGER, usage=[ExtendedKeyUsageOID.TIME_STAMPING])
RESPONDER = Party("Tra loi OCSP", CA, usage=[ExtendedKeyUsageOID.OCSP_SIGNING], nocheck=True)
NO_RESPONDER = Party("Khong duoc tra loi", CA, nocheck=True)


def page_file():
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    page.Contents = pdf.make_stream(b"0 0 100 100 re f")
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def context(crls=(), answers=(), at=None):
    return ValidationContext(
        trust_roots=[ROOT.asn1], other_certs=[CA.asn1], allow_fetching=False, moment=at,
        revocation_mode="hard-fail" if crls or answers else "soft-fail",
        crls=[asn1_crl.CertificateList.load(one) for one in crls],
        ocsps=[asn1_ocsp.OCSPResponse.load(one) for one in answers])


def sign(party=SIGNER, tsa=None, time=None, **meta):
    store = SimpleCertificateStore.from_certs([CA.asn1])
    signer = signers.SimpleSigner(signing_cert=party.asn1, signing_key=party.asn1_key(), cert_registry=store)
    stamper = tsa and timestamps.DummyTimeStamper(tsa.asn1, tsa.asn1_key(), SimpleCertificateStore.from_certs([CA.asn1]), fixed_dt=time)
    meta = signers.PdfSignatureMetadata(field_name="Ky", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256", **meta)
    writer = IncrementalPdfFileWriter(io.BytesIO(page_file()))
    return signers.PdfSigner(meta, signer, timestamper=stamper).sign_pdf(writer).getvalue()


def long_term(validation, archived=False, **options):
    return sign(tsa=TSA, embed_validation_info=True, validation_context=validation, use_pades_lta=archived, **options)


def specimens(lists):
    by_lists = context(crls=[lists["root"], lists["ca"]])
    answers = [CA.answer(SIGNER, RESPONDER), CA.answer(TSA, RESPONDER)]
    by_answers = context(crls=[lists["root"]], answers=answers)
    return {
        "b_b": sign(),
        "b_b_by_the_ended": sign(ENDED),
        "b_t": sign(tsa=TSA),
        "b_t_by_the_short_lived": sign(SHORT, TSA),
        "b_t_by_the_ended": sign(ENDED, TSA),
        "b_t_by_no_authority": sign(tsa=NO_TSA),
        "b_t_by_a_stranger": sign(tsa=STRANGE_TSA),
        "b_t_in_the_future": sign(tsa=TSA, time=NOW + 5 * DAY),
        "b_lt": long_term(by_lists),
        "b_lt_by_answers": long_term(by_answers),
        "b_lta": long_term(by_lists, archived=True),
        "b_lta_by_the_short_lived": long_term(by_lists, archived=True, party=SHORT),
    }


def judged(name, data, lists):
    reader = PdfFileReader(io.BytesIO(data))
    by_lists = [lists["root"], lists["ca"]]
    for signature in reader.embedded_regular_signatures:
        try:
            if name.startswith("b_l"):
                store = DocumentSecurityStore.read_dss(reader)
                validation = store.as_validation_context({"trust_roots": [ROOT.asn1], "allow_fetching": False, "revocation_mode": "hard-fail"})
            else:
                validation = context(by_lists)
            status = validate_pdf_signature(signature, validation, validation)
            yield bool(status.bottom_line)
        except Exception as fault:  # pyHanko raises where nothing can be judged
            print(name, repr(fault), file=sys.stderr)
            yield False


def main(out):
    lists = {
        "root": ROOT.revocation_list(),
        "ca": CA.revocation_list(),
        "ca_revoked_before": CA.revocation_list([SIGNER], NOW - 2 * DAY),
        "ca_revoked_after": CA.revocation_list([SIGNER], NOW + DAY, issued=NOW + 2 * DAY),
        "ca_later": CA.revocation_list(issued=NOW + 20 * DAY),
        "root_later": ROOT.revocation_list(issued=NOW + 20 * DAY),
        "ca_delta": CA.revocation_list(more=[x509.DeltaCRLIndicator(1)]),
        "ca_indirect": CA.revocation_list(more=[x509.IssuingDistributionPoint(None, None, False, False, None, True, False)]),
        "ca_forged": CA.revocation_list(by=STRANGER),
        "ca_old": CA.revocation_list(issued=NOW - 100 * DAY, days=30),
    }
    answers = {
        "good": CA.answer(SIGNER, RESPONDER),
        "good_by_the_issuer": CA.answer(SIGNER, CA),
        "revoked": CA.answer(SIGNER, RESPONDER, revoked_at=(NOW - 3 * DAY).replace(tzinfo=None)),
        "good_by_a_stranger": CA.answer(SIGNER, NO_RESPONDER),
        "good_for_another": CA.answer(SHORT, RESPONDER),
    }
    for name, der in lists.items():
        (out / f"{name}.crl").write_bytes(der)
    for name, der in answers.items():
        (out / f"{name}.ocsp").write_bytes(der)
    (out / "root.pem").write_bytes(ROOT.cert.public_bytes(serialization.Encoding.PEM))
    told = {}
    for name, data in specimens(lists).items():
        (out / f"{name}.pdf").write_bytes(data)
        told[name] = all(judged(name, data, lists))
    json.dump({"at": NOW.isoformat(), "pyhanko": told}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
