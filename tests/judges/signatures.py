"""What pyHanko and PyJWT say of signatures, as JSON on standard output.

usage: signatures.py pdf ROOT.pem FILE.pdf ...   one object a file, its signatures oldest first
       signatures.py jws FILE.jws                header, payload and the subject of x5c[0]
"""

import base64
import hashlib
import json
import sys

import jwt
from asn1crypto import cms, pem, x509
from cryptography.x509 import load_der_x509_certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import ValidationContext, validate_pdf_signature


def certificate(path):
    with open(path, "rb") as file:
        return x509.Certificate.load(pem.unarmor(file.read())[2])


def judged(signature, root):
    context = ValidationContext(trust_roots=[root], allow_fetching=False)
    status = validate_pdf_signature(signature, context)
    signer = signature.signer_info
    entries = signature.sig_object
    carried = [entry.chosen for entry in signature.signed_data["certificates"]]
    ess = ess_certificate(signer)
    return {
        "field": signature.field_name,
        "bottom_line": status.bottom_line,
        "intact": status.intact,
        "valid": status.valid,
        "trusted": status.trusted,
        "coverage": status.coverage.name,
        "modification_level": status.modification_level and status.modification_level.name,
        "subfilter": entries["/SubFilter"],
        "reason": entries["/Reason"],
        "name": entries["/Name"],
        "claimed_at": entries["/M"],
        "signed_attributes": [attribute["type"].native for attribute in signer["signed_attrs"]],
        "unsigned_attributes": len(signer["unsigned_attrs"]),
        "digest": signer["digest_algorithm"]["algorithm"].native,
        "signature": signer["signature_algorithm"]["algorithm"].native,
        "ess_names_signer": ess["cert_hash"].native == hashlib.sha256(signature.signer_cert.dump()).digest(),
        "ess_serial": ess["issuer_serial"]["serial_number"].native == signature.signer_cert.serial_number,
        "certificates": [one.subject.native["common_name"] for one in carried],
        "certificates_sorted": [one.dump() for one in carried] == sorted(one.dump() for one in carried),
        "carries_signer": signature.signer_cert.dump() in [one.dump() for one in carried],
        "padding_is_zero": padding_is_zero(signature),
    }


def ess_certificate(signer):
    for attribute in signer["signed_attrs"]:
        if attribute["type"].native == "signing_certificate_v2":
            return attribute["values"][0]["certs"][0]
    raise SystemExit("no signing-certificate-v2")


def padding_is_zero(signature):
    content = signature.pkcs7_content
    used = len(cms.ContentInfo.load(content).dump())
    return not any(content[used:])


def pdf(root, *paths):
    trusted = certificate(root)
    for path in paths:
        with open(path, "rb") as file:
            reader = PdfFileReader(file)
            yield [judged(signature, trusted) for signature in reader.embedded_signatures]


def jws(path):
    with open(path) as file:
        token = file.read()
    header = jwt.get_unverified_header(token)
    signer = load_der_x509_certificate(base64.b64decode(header["x5c"][0], validate=True))
    payload = jwt.PyJWS().decode(token, signer.public_key(), algorithms=["RS256", "PS256", "ES256", "ES384"])
    yield {
        "header": {key: header[key] for key in ("alg", "typ")},
        "x5c": len(header["x5c"]),
        "payload": payload.decode(),
        "subject": signer.subject.rfc4514_string(),
    }


if __name__ == "__main__":
    json.dump(list({"pdf": pdf, "jws": jws}[sys.argv[1]](*sys.argv[2:])), sys.stdout)
