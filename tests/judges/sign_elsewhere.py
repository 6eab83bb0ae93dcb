"""Signs what `sohoa seal --export` listed, as a signing program elsewhere would: whole SignedData by pyHanko.

    sign_elsewhere.py FOLDER PKI

Only the digest of the covered bytes is known to it, never the file.
"""

import asyncio
import base64
import json
import pathlib
import sys

from pyhanko.sign import signers


def main(folder: pathlib.Path, pki: pathlib.Path) -> None:
    password = (pki / "rsa2048.pass").read_text().strip().encode()
    signer = signers.SimpleSigner.load_pkcs12(pki / "rsa2048.p12", passphrase=password)
    for line in (folder / "files.jsonl").read_text().splitlines():
        wanted = json.loads(line)
        digest = base64.b64decode(wanted["content_digest"])
        made = asyncio.run(signer.async_sign(digest, "sha256", use_pades=True))
        (folder / f"{wanted['file']}.p7s").write_bytes(made.dump())


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
