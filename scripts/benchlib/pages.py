"""The pages to measure on: single-page image files with their true lines, parted into dossiers."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

IMAGE_KINDS = {".jpg", ".jpeg", ".png", ".tif", ".tiff"}
# Reserved for measuring; any valid code would do.
BENCH_CODE = "H10.99-250101-{:04}"


@dataclass
class Page:
    """An image, its true lines, what it is (`quyet_dinh`) and how it was scanned (`colour300`), where the truth says so."""

    path: Path
    lines: list[str]
    make: str = ""
    scan: str = ""

    @property
    def name(self):
        return self.path.name


@dataclass
class Dossier:
    code: str
    pages: list[Page]


def load(folder, scratch):
    """Pages of a folder: either one JSON beside each image, or the layout of fixtures/."""
    if (folder / "truth").is_dir():
        return from_fixtures(folder, scratch)
    pages = []
    for truth_file in sorted(folder.glob("*.json")):
        truth = json.loads(truth_file.read_text("utf-8"))
        lines = [line["text"] for line in truth["lines"]]
        pages.append(Page(folder / truth["file"], lines, truth.get("doc_type", ""), truth.get("profile", "")))
    return pages


def from_fixtures(folder, scratch):
    """The upright image pages of fixtures/ with known resolution: what every contender can be given.

    Plain Tesseract neither turns pages nor reads PDF, and OCRmyPDF wants the resolution. Pages of
    a multi-page TIFF are written out one by one, without loss.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    pages = []
    for truth_file in sorted((folder / "truth").glob("*.json")):
        truth = json.loads(truth_file.read_text("utf-8"))
        for document in truth["documents"]:
            for page in document["pages"]:
                source = folder / "dossiers" / truth_file.stem / page["file"]
                turned = page["rotation"] or (page["exif_orientation"] or 1) != 1
                if source.suffix.lower() in IMAGE_KINDS and page["dpi_stored"] and not turned:
                    written = single_page(source, page["index"], scratch)
                    lines = page["text"].splitlines()
                    pages.append(Page(written, lines, document.get("type") or "", truth.get("profile", "")))
    return pages


def single_page(source, index, scratch):
    with Image.open(source) as image:
        if getattr(image, "n_frames", 1) == 1:
            kind = source.suffix.lower()
            written = scratch / f"{source.parent.name}_{source.stem.replace(' ', '_')}{kind}"
            written.write_bytes(source.read_bytes())
            return written
        image.seek(index)
        written = scratch / f"{source.parent.name}_{source.stem.replace(' ', '_')}_{index + 1}.tif"
        packing = "group4" if image.mode == "1" else "tiff_lzw"
        image.save(written, compression=packing, dpi=image.info.get("dpi", (300, 300)))
        return written


def evenly(pages, limit):
    """At most `limit` pages, spread over all, so that a short run still sees each kind.

    Sets repeat their makes with each way of scanning, and even steps would meet some makes always and others never:
    the steps are of the golden section, which falls in with no such period.
    """
    if not limit or limit >= len(pages):
        return pages
    step = next(step for step in range(round(len(pages) * 0.618), 0, -1) if math.gcd(step, len(pages)) == 1)
    return [pages[number] for number in sorted(turn * step % len(pages) for turn in range(limit))]


def parted(pages, pages_each):
    """Dossiers of `pages_each` pages, in order."""
    starts = range(0, len(pages), pages_each)
    return [Dossier(BENCH_CODE.format(number), pages[start:start + pages_each])
            for number, start in enumerate(starts, 1)]
