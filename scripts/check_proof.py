#!/usr/bin/env python3
"""Checks a proof of `sohoa prove` with Python alone: shares no line with the program (docs/evidence.md).

    python3 check_proof.py PROOF FILE batch.json

Prints what is proven and ends with 0 where everything fits. The signature of batch.json is judged by
other means (openssl, any JWS library); this script leads from the file to the root that it covers.
"""
import hashlib
import json
import re
import sys


def main(proof_path, file_path, header_path):
    proof = read_proof(open(proof_path, "rb").read())
    root = follow(proof)
    header_bytes = open(header_path, "rb").read()
    header = json.loads(header_bytes)
    need(hashlib.sha256(header_bytes).hexdigest() == proof["batch"], "batch.json is another")
    need(header["merkle"]["root"] == root.hex(), "the root is another")
    need(header["merkle"]["leaves"] == proof["leaves"], "the tree has another size")
    words = proof["leaf"].split(" ")
    if words[1] == "page":
        print("a page: its image and text digests are the last two words of the leaf")
    else:
        data = open(file_path, "rb").read()[: proof["bytes"]]
        need(hashlib.sha256(data).hexdigest() == words[-1], "the file is another")
    print("proven:", proof["leaf"])


def read_proof(data):
    head = re.compile(rb"sohoa\.proof\.v1\nbatch ([0-9a-f]{64})\nleaf ([^\n]+)\n(?:bytes (\d+)\n)?index (\d+) of (\d+)\npath (\d+)\n")
    found = head.match(data) or sys.exit("not a proof")
    batch, leaf, size, index, leaves, steps = found.groups()
    path = data[found.end():]
    need(len(path) == 32 * int(steps), "the path has another length")
    return {"batch": batch.decode(), "leaf": leaf.decode(), "bytes": int(size) if size else None, "index": int(index),
            "leaves": int(leaves), "path": [path[at:at + 32] for at in range(0, len(path), 32)]}


def follow(proof):
    """RFC 9162, 2.1.3.2."""
    at, last = proof["index"], proof["leaves"] - 1
    node = hashlib.sha256(b"\0" + proof["leaf"].encode()).digest()
    for sibling in proof["path"]:
        need(last > 0, "the path is too long")
        if at & 1 or at == last:
            node = hashlib.sha256(b"\1" + sibling + node).digest()
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\1" + node + sibling).digest()
        at, last = at >> 1, last >> 1
    need(last == 0, "the path is too short")
    return node


def need(holds, why):
    if not holds:
        sys.exit(why)


if __name__ == "__main__":
    main(*sys.argv[1:])
