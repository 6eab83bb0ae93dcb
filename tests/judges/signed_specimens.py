"""PDF files that pyHanko signed in all the ways that arrive at an archive, and what it says of them.

usage: signed_specimens.py PKI OUT     writes OUT/NAME.pdf; an object NAME -> [verdict of each signature]

A verdict is true where pyHanko finds the signature intact, valid, and nothing changed behind it
that its default policy forbids. Trust is not asked.
"""

import io
import json
import sys
import warnings
from pathlib import Path

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers, timestamps
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

warnings.simplefilter("ignore")


def page_file(**save):
    """A page with a word on it, written by qpdf."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=pdf.make_indirect(font)))
    page.Contents = pdf.make_stream(b"BT /F 24 Tf 72 700 Td (So: 12/QD-UBND) Tj ET")
    out = io.BytesIO()
    pdf.save(out, deterministic_id="encryption" not in save, **save)
    return out.getvalue()


def signer(pki, name, **options):
    password = (pki / f"{name}.pass").read_text().strip().encode()
    return signers.SimpleSigner.load_pkcs12(str(pki / f"{name}.p12"), passphrase=password, **options)


def sign(data, by, field, subfilter=SigSeedSubFilter.PADES, **meta):
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    if writer.prev.encrypted:
        writer.encrypt("")
    meta = signers.PdfSignatureMetadata(field_name=field, subfilter=subfilter, **meta)
    return signers.PdfSigner(meta, by).sign_pdf(writer).getvalue()


def stamp(data, by):
    authority = timestamps.DummyTimeStamper(by.signing_cert, by.signing_key)
    return signers.PdfTimeStamper(authority).timestamp_pdf(IncrementalPdfFileWriter(io.BytesIO(data)), "sha256").getvalue()


def painted_over(data):
    """One more revision, in which the page shows another number."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    content = generic.StreamObject(stream_data=b"BT /F 24 Tf 72 700 Td (So: 99/QD-UBND) Tj ET")
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(content)
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def noted(data):
    """One more revision, in which somebody put a note on the page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    page = writer.root["/Pages"]["/Kids"][0]
    note = generic.DictionaryObject({
        generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
        generic.pdf_name("/Subtype"): generic.pdf_name("/Text"),
        generic.pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (10, 10, 30, 30))),
        generic.pdf_name("/Contents"): generic.pdf_string("da xem"),
    })
    annotations = generic.ArrayObject(page.get("/Annots", ()))
    annotations.append(writer.add_object(note))
    page["/Annots"] = annotations
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def flipped(data):
    at = data.index(b"stream") + 12
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def specimens(pki):
    rsa, rsa3072, p384 = (signer(pki, name) for name in ("rsa2048", "rsa3072", "ecdsa_p384"))
    plain, packed = page_file(), page_file(object_stream_mode=pikepdf.ObjectStreamMode.generate)
    locked = page_file(encryption=pikepdf.Encryption(owner="owner", user="", R=6))
    adobe = SigSeedSubFilter.ADOBE_PKCS7_DETACHED
    one = sign(plain, rsa, "Mot")
    final = sign(plain, rsa, "Mot", certify=True, docmdp_permissions=MDPPerm.NO_CHANGES)
    return {
        "one": one,
        "one_adobe_p384": sign(plain, p384, "Mot", adobe, md_algorithm="sha384"),
        "one_pss_sha512": sign(plain, signer(pki, "rsa3072", prefer_pss=True), "Mot", md_algorithm="sha512"),
        "one_in_object_streams": sign(packed, rsa, "Mot"),
        "one_in_an_encrypted_file": sign(locked, rsa, "Mot"),
        "two": sign(one, p384, "Hai", md_algorithm="sha384"),
        "three_in_object_streams": sign(sign(sign(packed, rsa, "Mot"), rsa3072, "Hai"), rsa, "Ba", adobe),
        "certified_then_signed": sign(sign(plain, rsa, "Mot", certify=True), rsa3072, "Hai"),
        "certified_as_final": final,
        "signed_then_stamped": stamp(one, rsa3072),
        "sha1": sign(plain, rsa, "Mot", adobe, md_algorithm="sha1"),
        "rsa1024": sign(plain, signer(pki, "rsa1024"), "Mot"),
        "p521": sign(plain, signer(pki, "ecdsa_p521"), "Mot", md_algorithm="sha512"),
        "painted_over": painted_over(one),
        "painted_over_then_signed": sign(painted_over(one), p384, "Hai", md_algorithm="sha384"),
        "noted": noted(one),
        "flipped": flipped(one),
    }


def judged(data):
    reader = PdfFileReader(io.BytesIO(data), strict=False)
    if reader.encrypted:
        reader.decrypt("")
    for signature in reader.embedded_signatures:
        signature.compute_integrity_info(diff_policy=DEFAULT_DIFF_POLICY)
        intact, valid = integrity(signature, signature.compute_digest())
        difference = signature.diff_result
        changed = difference is not None and not hasattr(difference, "modification_level")
        yield bool(intact and valid and not changed)


def integrity(signature, digest):
    signed = signature.signed_data
    kind = signed["encap_content_info"]["content_type"].native
    if kind == "tst_info":
        inside = signed["encap_content_info"]["content"].parsed
        said = inside["message_imprint"]["hashed_message"].native
        return said == digest, True
    return validate_sig_integrity(signature.signer_info, signature.signer_cert, kind, digest)


if __name__ == "__main__":
    pki, out = map(Path, sys.argv[1:])
    verdicts = {}
    for name, data in specimens(pki).items():
        (out / f"{name}.pdf").write_bytes(data)
        verdicts[name] = list(judged(data))
    json.dump(verdicts, sys.stdout)
