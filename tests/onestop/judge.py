"""Judges of exports by other people's programs: bagit-python, openpyxl, lxml, hocr-spec.

usage: judge.py bags FOLDER | packages FOLDER XLINK | sheet FILE | hocr FOLDER | alto FOLDER
Prints JSON; what a judge refuses is an error (exit 1).
"""

import json
import sys
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

NO_NETWORK = etree.XMLParser(no_network=True, resolve_entities=False)


def bags(folder):
    import bagit

    names = []
    for place in sorted(Path(folder).iterdir()):
        bag = bagit.Bag(str(place))
        bag.validate()
        names.append([place.name, bag.info["Payload-Oxum"], len(list(bag.payload_files()))])
    return names


class Xlink(etree.Resolver):
    """Gives the one schema that METS asks the network for."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    def resolve(self, url, public_id, context):
        if url.endswith("xlink.xsd"):
            return self.resolve_filename(self.path, context)
        return None


def schema(path, xlink):
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Xlink(xlink))
    return etree.XMLSchema(etree.parse(str(path), parser))


def packages(folder, xlink):
    found = []
    for package in sorted(Path(folder).iterdir()):
        schemas = {path.name.lower().removesuffix(".xsd"): path for path in (package / "schemas").iterdir()}
        mets = schema(schemas.get("mets") or schemas["mets1_12"], xlink)
        ead, ead_doc = schema(schemas["ead"], xlink), schema(schemas["ead_doc"], xlink)
        counts = {"mets": 0, "ead": 0, "ead_doc": 0, "premis": 0}
        for path in sorted(package.rglob("*.xml")):
            tree = etree.parse(str(path), NO_NETWORK)
            if path.name == "METS.xml":
                mets.assertValid(tree)
                counts["mets"] += 1
                for link in tree.iter("{http://www.loc.gov/METS/}FLocat", "{http://www.loc.gov/METS/}mdRef"):
                    href = unquote(link.get("{http://www.w3.org/1999/xlink}href"))
                    assert (path.parent / href).is_file(), href
            elif path.name == "EAD.xml":
                ead.assertValid(tree)
                counts["ead"] += 1
            elif path.name.startswith("EAD_doc_"):
                ead_doc.assertValid(tree)
                counts["ead_doc"] += 1
            else:
                assert tree.getroot().tag == "{http://www.loc.gov/premis/v3}premis", path
                counts["premis"] += 1
        found.append([package.name, counts])
    return found


def sheet(path):
    import openpyxl

    # As a stream: by its name openpyxl would ask for an ending.
    book = openpyxl.load_workbook(Path(path).open("rb"))
    assert not any(cell.data_type == "f" for page in book for row in page for cell in row)
    return {page.title: [[cell.value for cell in row] for row in page] for page in book}


def hocr(folder):
    from hocr_spec import HocrValidator

    found = {}
    for path in sorted(Path(folder).rglob("*.html")):
        report = HocrValidator("relaxed").validate(str(path))
        assert report.is_valid(), report.format("text")
        root = etree.parse(str(path), NO_NETWORK).getroot()
        words = root.iter("{http://www.w3.org/1999/xhtml}span")
        found[path.name] = sum(word.get("class") == "ocrx_word" for word in words)
    return found


ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"


def has_place(word):
    return word.get("HPOS") is not None


def unplaced(folder):
    found = {}
    for path in sorted(Path(folder).rglob("*.xml")):
        words = etree.parse(str(path), NO_NETWORK).getroot().iter(ALTO + "String")
        found[path.name] = sum(not has_place(word) for word in words)
    return found


def alto(folder):
    ns = ALTO
    found = {}
    for path in sorted(Path(folder).rglob("*.xml")):
        root = etree.parse(str(path), NO_NETWORK).getroot()
        assert root.tag == ns + "alto"
        pages = []
        for page in root.iter(ns + "Page"):
            width, height = int(page.get("WIDTH")), int(page.get("HEIGHT"))
            lines = []
            for line in page.iter(ns + "TextLine"):
                words = list(line.iter(ns + "String"))
                for word in filter(has_place, words):
                    left, top = int(word.get("HPOS")), int(word.get("VPOS"))
                    assert 0 <= left <= left + int(word.get("WIDTH")) <= width
                    assert 0 <= top <= top + int(word.get("HEIGHT")) <= height
                lines.append(" ".join(word.get("CONTENT") for word in words))
            pages.append("\n".join(lines))
        found[path.name] = pages
    return found


if __name__ == "__main__":
    verb, *arguments = sys.argv[1:]
    print(json.dumps(globals()[verb](*arguments), ensure_ascii=False, default=str))
