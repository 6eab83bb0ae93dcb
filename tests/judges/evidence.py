"""Reads a package again in Python, sharing nothing with the program, and says what does not fit.

usage: evidence.py OUT      a JSON list of short texts on standard output; empty where all fits
"""

import base64
import hashlib
import json
import re
import sys
from pathlib import Path

import jwt
import pikepdf
from cryptography.x509 import load_der_x509_certificate


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def merkle_root(leaves):
    """RFC 6962, 2.1, by its recursive definition."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = merkle_root(leaves[:split]), merkle_root(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaves_of(record):
    code = record["dossier"]
    for number, container in enumerate(record.get("containers", []), 1):
        yield f"sohoa.v1 container {code} {number} {container['sha256']}"
    for number, source in enumerate(record["sources"], 1):
        yield f"sohoa.v1 scan {code} {number} {source['sha256']}"
    for page in record["pages"]:
        place = page["published"]
        names = ["document", "page", "image_sha256", "text_sha256"]
        said = " ".join(str(place.get(name, "-")) for name in names) if place else "- - - -"
        yield f"sohoa.v1 page {code} {page['source']} {page['source_page']} {page['fate']} {said}"
    for document in record["documents"]:
        yield f"sohoa.v1 file {code} {document['n']} {document['sha256']}"
        if "text" in document:
            yield f"sohoa.v1 text {code} {document['n']} {document['text']['sha256']}"


def letters(font):
    """The font's /ToUnicode as a dictionary from codes to text."""
    cmap = font.ToUnicode.read_bytes().decode("ascii")
    pairs = re.findall(r"^<([0-9A-F]{4})> <([0-9A-F]+)>$", cmap, re.MULTILINE)
    return {bytes.fromhex(code): bytes.fromhex(text).decode("utf-16-be") for code, text in pairs if code != "0000"}


def page_text(page):
    fonts, font, lines = {}, None, []
    for name, value in page.Resources.get("/Font", {}).items():
        fonts[name] = letters(value)
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "BT":
                lines.append("")
            case "Tf":
                font = fonts[str(operands[0])]
            case "Tj" | "TJ":
                parts = operands if str(operator) == "Tj" else operands[0]
                for part in parts:
                    if isinstance(part, pikepdf.String):
                        codes = bytes(part)
                        lines[-1] += "".join(font[codes[at : at + 2]] for at in range(0, len(codes), 2))
    return "\n".join(lines)


def judge_kept(folder, record, document, said, problems):
    """A document that came signed: the source's very bytes, and the text of its pages beside it."""
    (source,) = {page["source"] for page in record["pages"] if page["published"] in said}
    if record["sources"][source - 1]["sha256"] != document["sha256"]:
        problems.append(f"{document['file']}: not its source")
    text = (folder / document["text"]["file"]).read_bytes()
    if sha256(text) != document["text"]["sha256"]:
        problems.append(f"{document['text']['file']}: digest")
    if [sha256(page) for page in text.split(b"\f")] != [place["text_sha256"] for place in said]:
        problems.append(f"{document['text']['file']}: pages")


def judge_document(folder, record, document, problems):
    path = folder / document["file"]
    data = path.read_bytes()
    if sha256(data) != document["sha256"] or len(data) != document["bytes"]:
        problems.append(f"{path.name}: digest")
    said = [p["published"] for p in record["pages"] if p["published"] and p["published"]["document"] == document["n"]]
    if document["seal"]["state"] == "kept":
        return judge_kept(folder, record, document, said, problems)
    with pikepdf.open(path) as pdf:
        if len(pdf.pages) != document["pages"]:
            problems.append(f"{path.name}: pages")
        for place, page in zip(said, pdf.pages):
            (image,) = page.Resources.XObject.values()
            if sha256(image.read_raw_bytes()) != place["image_sha256"]:
                problems.append(f"{path.name} page {place['page']}: image")
            if sha256(page_text(page).encode()) != place["text_sha256"]:
                problems.append(f"{path.name} page {place['page']}: text")


def judge_signature(out, problems):
    token = (out / "batch.jws").read_text("ascii")
    certificate = base64.b64decode(jwt.get_unverified_header(token)["x5c"][0])
    key = load_der_x509_certificate(certificate).public_key()
    try:
        payload = jwt.PyJWS().decode(token, key, algorithms=["RS256", "PS256", "ES256", "ES384"])
    except jwt.InvalidTokenError as fault:
        problems.append(f"batch.jws: {fault}")
        return
    if payload != (out / "batch.json").read_bytes():
        problems.append("batch.jws: payload")


def main(out):
    problems, leaves = [], []
    header = json.loads((out / "batch.json").read_bytes())
    manifest = (out / "manifest.jsonl").read_bytes()
    if sha256(manifest) != header["manifest"]["sha256"]:
        problems.append("manifest.jsonl: digest")
    records = [json.loads(line) for line in manifest.splitlines()]
    for record in records:
        if record["outcome"] != "packaged":
            continue
        leaves += (leaf.encode("ascii") for leaf in leaves_of(record))
        folder = out / "dossiers" / record["dossier"]
        for source in record["sources"]:
            if source["kept"] and sha256((folder / source["kept"]).read_bytes()) != source["sha256"]:
                problems.append(f"{source['kept']}: digest")
        for document in record["documents"]:
            judge_document(folder, record, document, problems)
    if (merkle_root(leaves).hex(), len(leaves)) != (header["merkle"]["root"], header["merkle"]["leaves"]):
        problems.append("batch.json: root")
    fates = [page["fate"] for record in records for page in record["pages"]]
    for fate in ("published", "blank", "separator", "rejected"):
        if fates.count(fate) != header["pages"][fate]:
            problems.append(f"batch.json: {fate}")
    judge_signature(out, problems)
    json.dump(problems, sys.stdout)


main(Path(sys.argv[1]))
