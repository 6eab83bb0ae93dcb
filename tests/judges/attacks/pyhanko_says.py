"""What pyHanko says of the attack corpus: one JSON object on standard output, case -> verdict.

usage: pyhanko_says.py CORPUS

valid where its bottom line is so for every signature; invalid where one is not intact, not valid, or
changed behind it; indeterminate where it only trusts too little; `error` where it gave up (why: standard error), `none` where
it found no signature. Revocation must be known (require), the network is not asked.
"""

import json
import logging
import signal
import sys
import warnings
from datetime import datetime
from pathlib import Path

from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
MOST_SECONDS = 20


def context(reader, corpus, case):
    read = lambda kind, load: [load((corpus / name).read_bytes()) for name in case[kind]]  # noqa: E731
    terms = {
        "trust_roots": read("trust", x509.Certificate.load),
        "other_certs": read("cert", x509.Certificate.load),
        "crls": read("crl", crl.CertificateList.load),
        "ocsps": read("ocsp", ocsp.OCSPResponse.load),
        "moment": datetime.fromisoformat(case["at"].replace("Z", "+00:00")),
        "allow_fetching": False,
        "revocation_mode": "require",
        "retroactive_revinfo": True,
    }
    if "/DSS" in reader.root:
        return DocumentSecurityStore.read_dss(reader).as_validation_context(terms)
    return ValidationContext(**terms)


def verdict(corpus, case):
    with open(corpus / case["file"], "rb") as file:
        reader = PdfFileReader(file, strict=False)
        signatures = reader.embedded_signatures
        if not signatures:
            return "none"
        return max((of_one(one, context(reader, corpus, case)) for one in signatures), key=GRAVITY.index)


GRAVITY = ["valid", "indeterminate", "invalid"]


def of_one(signature, by):
    is_stamp = signature.sig_object.get("/Type") == "/DocTimeStamp"
    if is_stamp:
        status = validate_pdf_timestamp(signature, by)
        passed = status.intact and status.valid and status.trusted
    else:
        status = validate_pdf_signature(signature, by)
        passed = status.bottom_line
    if passed:
        return "valid"
    level = getattr(status, "modification_level", None)
    changed = level is not None and level.name == "OTHER" or getattr(status, "docmdp_ok", True) is False
    return "indeterminate" if status.intact and status.valid and not changed else "invalid"


def out_of_time(_signal, _frame):
    raise TimeoutError("out of time")


def said(corpus, case):
    signal.alarm(MOST_SECONDS)
    try:
        return verdict(corpus, case)
    except Exception as error:  # noqa: BLE001: a judge that breaks down has said something too
        print(f"{case['case']}: {type(error).__name__}: {error}", file=sys.stderr)
        return "error"
    finally:
        signal.alarm(0)


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, out_of_time)
    folder = Path(sys.argv[1])
    cases = map(json.loads, (folder / "expected.jsonl").read_text("utf-8").splitlines())
    json.dump({case["case"]: said(folder, case) for case in cases}, sys.stdout)
