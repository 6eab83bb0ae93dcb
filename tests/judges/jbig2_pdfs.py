"""Builds PDFs around the JBIG2 streams that a real encoder made of three scanned pages.

    jbig2_pdfs.py OUT

OUT/jbig2 holds the streams (jbig2.rs writes them) and SCAN, the fax TIFF that they were made of;
the rest of OUT's layout is that of scans.py.
"""

import sys

# No __pycache__ among the judges.
sys.dont_write_bytecode = True

import numpy as np
from PIL import Image
from pikepdf import Array, Dictionary, Name
from scanned_pdfs import OUT, Page, case, jpeg, jpx, main, run

DPI = 300
STREAMS = OUT / "jbig2"


def inks():
    with Image.open(STREAMS / "scan.tif") as scan:
        for number in range(3):
            scan.seek(number)
            yield np.asarray(scan.convert("L"))


INKS = list(inks())
HEIGHT, WIDTH = INKS[0].shape
SIZE_PT = (WIDTH * 72 / DPI, HEIGHT * 72 / DPI)
WHOLE = (0, 0, *SIZE_PT)
# Aged paper with a red stamp, at half the letters' resolution.
Y, X = np.mgrid[0:HEIGHT // 2, 0:WIDTH // 2]
STAMP = ((X - 800) ** 2 + (Y - 1300) ** 2 < 180**2)[..., None]
PAPER = np.where(STAMP, [210, 60, 60], np.dstack([248 - Y % 5, 240 - X // 80, 215 + Y // 100])).astype(np.uint8)


class Coded:
    """The pages as one preset of the encoder coded them, with the dictionary that they share, if any."""

    def __init__(self, preset):
        self.streams = [(STREAMS / f"{preset}-{number}.jb2").read_bytes() for number in range(3)]
        shared = STREAMS / f"{preset}.globals"
        self.shared = shared.read_bytes() if shared.exists() else None

    def pages(self, draw, numbers=range(3)):
        """A PDF of these pages, each drawn by `draw(page, put)` where `put(**entries)` adds its JBIG2 image."""
        page, parms = None, {}
        for number in numbers:
            if page:
                page.append()
            page = Page(SIZE_PT, pdf=page and page.pdf)
            if self.shared is not None and not parms:
                parms = {"DecodeParms": Dictionary(JBIG2Globals=page.stream(self.shared))}
            add = lambda **entries: page.image(self.streams[number], WIDTH, HEIGHT, BitsPerComponent=1,
                                               Filter=Name.JBIG2Decode, **parms, **entries)
            draw(page, add)
        return page.save()


def alone(page, add):
    page.put(add(ColorSpace=Name.DeviceGray), WHOLE)


def stencil(page, add):
    page.put(add(ImageMask=True), WHOLE)


def paper(page, coding="jpeg"):
    data, name = {"jpeg": (jpeg, Name.DCTDecode), "jpx": (lambda s: jpx(s, "-r", "20", "-I"), Name.JPXDecode)}[coding]
    image = page.image(data(PAPER), WIDTH // 2, HEIGHT // 2, ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Filter=name)
    page.put(image, WHOLE)


def decoded_by_poppler(data):
    """The images as they are stored: what pdftoppm draws of them is scaled a little."""
    file, stem = STREAMS / "images.pdf", STREAMS / "image"
    file.write_bytes(data)
    run("pdfimages", "-png", file, stem)
    return [np.asarray(Image.open(path).convert("L")) for path in sorted(STREAMS.glob("image-*.png"))]


def over(coding):
    def draw(page, add):
        paper(page, coding)
        page.put(add(ImageMask=True), WHOLE, "0.1 0.1 0.4 rg")
    return draw


def coloured_letters(entry, **entries):
    """The letters as the mask of a very coarse picture of their colours, over the paper."""
    def draw(page, add):
        paper(page)
        mask = page.images[f"/{add(**entries)}"]
        ink = np.zeros((HEIGHT // 8, WIDTH // 8, 3), np.uint8) + np.array([20, 20, 110], np.uint8)
        front = page.image(jpeg(ink), WIDTH // 8, HEIGHT // 8, ColorSpace=Name.DeviceRGB, BitsPerComponent=8,
                           Filter=Name.DCTDecode, **{entry: mask})
        page.put(front, WHOLE)
    return draw


def single_images():
    exact = {"mean": 0, "most": 0, "original": "CcittG4"}
    # Generic regions; symbols of one shared and one own dictionary; symbols refined, the rest generic.
    for preset in ("generic", "symbols", "refined"):
        case(f"{preset}-alone", Coded(preset).pages(alone), page=INKS, **exact)
    case("symbols-stencil", Coded("symbols").pages(stencil), page=INKS, **exact)
    inverted = lambda page, add: page.put(add(ColorSpace=Name.DeviceGray, Decode=Array([1, 0])), WHOLE)
    case("symbols-inverted", Coded("symbols").pages(inverted), page=[255 - ink for ink in INKS], **exact)
    # Look-alike letters share a symbol: what is to be seen is not the scan, but the same to every reader.
    lossy = Coded("lossy").pages(alone)
    case("lossy-alone", lossy, page=decoded_by_poppler(lossy), **exact)


def layers():
    case("generic-over-jpeg", Coded("generic").pages(over("jpeg")), count=3, mean=2)
    case("symbols-over-jpeg", Coded("symbols").pages(over("jpeg")), count=3, mean=2)
    case("refined-over-jpx", Coded("refined").pages(over("jpx")), count=3, mean=2)
    case("lossy-over-jpx", Coded("lossy").pages(over("jpx"), [1]), mean=2)
    soft = coloured_letters("SMask", ColorSpace=Name.DeviceGray, Decode=Array([1, 0]))
    case("symbols-softmask", Coded("symbols").pages(soft, [0]), mean=3)
    case("symbols-mask", Coded("symbols").pages(coloured_letters("Mask", ImageMask=True), [0]), mean=3)


def broken():
    """What cannot be decoded whole is said, and never shown as a page that happens to be empty."""
    lost = Coded("symbols")
    lost.shared = None
    case("dictionary-lost", lost.pages(alone, [0]), fault="INT-007")
    case("dictionary-lost-over-jpeg", lost.pages(over("jpeg"), [0]), fault="INT-007")
    cut = Coded("lossy")
    cut.shared = cut.shared[:-2000]
    case("dictionary-cut", cut.pages(alone, [0]), fault="INT-006")
    cut = Coded("symbols")
    cut.streams = [stream[:-200] for stream in cut.streams]
    case("page-cut", cut.pages(over("jpeg"), [0]), fault="INT-006")
    cut = Coded("generic")
    # Nine of the eleven bytes of the region's header are left.
    cut.streams = [stream[:30 + 9] for stream in cut.streams]
    case("header-cut", cut.pages(alone, [0]), fault="INT-006")


main(single_images, layers, broken)
