"""What pyHanko says of files beyond B-B, as JSON: one object a file.

usage: lasting.py ROOT.pem FILE.pdf ...

Revocation must be known for every certificate, and nothing is fetched: all that is not in the file is
missing. `lta` is the outcome of the validation of ETSI EN 319 102-1, 5.6.3.
"""

import asyncio
import json
import sys

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import ValidationContext, validate_pdf_signature
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager


def policy(root):
    certificates = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=[root]),
        revinfo_policy=CertRevTrustPolicy(revocation_checking_policy=REQUIRE_REVINFO),
    )
    gathering = RevocationInfoGatheringSpec(online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY)
    spec = SignatureValidationSpec(cert_validation_policy=certificates, revinfo_gathering_policy=gathering)
    return PdfSignatureValidationSpec(signature_validation_spec=spec)


def judged(path, root):
    with open(path, "rb") as file:
        reader = PdfFileReader(file)
        signature = reader.embedded_regular_signatures[0]
        status = validate_pdf_signature(signature, ValidationContext(trust_roots=[root], allow_fetching=False))
        stamp = status.timestamp_validity
        lta = asyncio.run(ades_lta_validation(signature, policy(root)))
        return {
            "bottom_line": status.bottom_line,
            "coverage": status.coverage.name,
            "modification_level": status.modification_level and status.modification_level.name,
            "stamped_at": stamp and stamp.valid and stamp.trusted and stamp.timestamp.isoformat(),
            "document_time_stamps": [one.field_name for one in reader.embedded_timestamp_signatures],
            "lta": lta.ades_subindic.name if lta.ades_subindic else None,
            "signed_before": lta.best_signature_time and lta.best_signature_time.isoformat(),
        }


def main(root, *paths):
    with open(root, "rb") as file:
        trusted = x509.Certificate.load(pem.unarmor(file.read())[2])
    json.dump([judged(path, trusted) for path in paths], sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
