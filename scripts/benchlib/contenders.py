"""The programs measured: how each is run over the dossiers, and where its text and files end up.

All get the same image files and two at a time on two cores; what only prepares the input (copying,
wrapping images into a PDF without loss) is not counted. The engine's own threads are off for all:
Tesseract with OpenMP is several times slower, which would be no fair neighbour.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from . import measured

ONE_THREAD_EACH = {"OMP_THREAD_LIMIT": "1"}
SOHOA_ALL_DONE, SOHOA_WAITING_FOR_REVIEW = 0, 3


@dataclass
class Tesseract:
    """`tesseract IMAGE OUT -l vie txt`, one process a page: text only, no file to keep."""

    jobs: int
    name: str = field(init=False)

    def __post_init__(self):
        self.name = f"tesseract -l vie txt ×{self.jobs}"

    def run(self, dossiers, folder):
        pages = [page for dossier in dossiers for page in dossier.pages]
        words = [text for page in pages for text in (page.path, folder / page.path.stem)]
        listed = write_words(folder, words)
        return measured.run(
            ["xargs", "-0", "-a", listed, "-P", str(self.jobs), "-n", "2",
             "sh", "-c", 'exec tesseract "$0" "$1" -l vie txt'],
            folder / "log.txt", ONE_THREAD_EACH)

    def texts(self, dossiers, folder):
        return {page.name: (folder / f"{page.path.stem}.txt").read_text("utf-8")
                for dossier in dossiers for page in dossier.pages}

    def outputs(self, folder):
        return list(folder.glob("*.txt"))

    def version(self):
        return first_line(["tesseract", "--version"])


@dataclass
class OcrMyPdf:
    """`ocrmypdf -l vie --output-type pdfa`, one process a dossier: searchable PDF/A, unsigned."""

    program: Path
    jobs: int
    name: str = field(init=False)

    def __post_init__(self):
        self.name = f"ocrmypdf -l vie --output-type pdfa ×{self.jobs}"

    def run(self, dossiers, folder):
        wrap = self.program.with_name("img2pdf")
        words = []
        for dossier in dossiers:
            wrapped = folder / f"{dossier.code}.in.pdf"
            subprocess.run([wrap, "-o", wrapped, *(page.path for page in dossier.pages)], check=True)
            words += [wrapped, folder / f"{dossier.code}.pdf"]
        return measured.run(
            ["xargs", "-0", "-a", write_words(folder, words), "-P", str(self.jobs), "-n", "2",
             self.program, "-l", "vie", "--output-type", "pdfa", "--jobs", "1", "--quiet"],
            folder / "log.txt", ONE_THREAD_EACH)

    def texts(self, dossiers, folder):
        return {page.name: page_text(folder / f"{dossier.code}.pdf", number)
                for dossier in dossiers for number, page in enumerate(dossier.pages, 1)}

    def outputs(self, folder):
        return [file for file in folder.glob("*.pdf") if not file.name.endswith(".in.pdf")]

    def version(self):
        return "ocrmypdf " + first_line([self.program, "--version"])


@dataclass
class Sohoa:
    """`sohoa run`: searchable, signed PDF/A-2u with evidence and a manifest."""

    program: Path
    pki: Path
    jobs: int
    name: str = field(init=False)

    def __post_init__(self):
        self.name = f"sohoa run --jobs {self.jobs}"

    def run(self, dossiers, folder):
        drop = folder / "drop"
        for dossier in dossiers:
            (drop / dossier.code).mkdir(parents=True)
            for page in dossier.pages:
                shutil.copyfile(page.path, drop / dossier.code / page.name)
        # Without the thread limit: switching OpenMP off is the program's own business.
        return measured.run(
            [self.program, "run", drop, "--out", folder / "out", "--jobs", str(self.jobs), "--no-progress",
             "--key", self.pki / "rsa2048.p12", "--password-file", self.pki / "rsa2048.pass"],
            folder / "log.txt", codes=(SOHOA_ALL_DONE, SOHOA_WAITING_FOR_REVIEW))

    def texts(self, dossiers, folder):
        """By the manifest; a page that was not published (blank, rejected) has no text."""
        texts = {page.name: "" for dossier in dossiers for page in dossier.pages}
        for line in (folder / "out" / "manifest.jsonl").read_text("utf-8").splitlines():
            record = json.loads(line)
            files = {document["n"]: document["file"] for document in record["documents"]}
            for page in record["pages"]:
                if published := page.get("published"):
                    file = folder / "out" / "dossiers" / record["dossier"] / files[published["document"]]
                    name = record["sources"][page["source"] - 1]["name"]
                    texts[name] = page_text(file, published["page"])
        return texts

    def outputs(self, folder):
        return list((folder / "out" / "dossiers").glob("*/*.pdf"))

    def version(self):
        return first_line([self.program, "--version"])


def write_words(folder, words):
    """A file of NUL-ended arguments for xargs."""
    listed = folder / "arguments"
    listed.write_bytes(b"".join(os.fsencode(word) + b"\0" for word in words))
    return listed


def page_text(pdf, number):
    """What pdftotext finds on one page, from 1."""
    command = ["pdftotext", "-enc", "UTF-8", "-nopgbrk", "-f", str(number), "-l", str(number), pdf, "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode("utf-8")


def first_line(command):
    shown = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return shown.stdout.splitlines()[0].strip()
