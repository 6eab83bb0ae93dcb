"""The part `scripts/bench memory`: what a dossier of 10, 200 and 2,000 pages takes in memory.

Three shapes of one dossier: single JPEG files whose documents have five pages each, one
TIFF (Group 4) and one PDF that are a single document each. Every page holds a few words
of its own, so that reading is quick and what is measured is what stays. The peaks are
those the system itself keeps (VmHWM) of the program and of its largest reading process.
"""

import argparse
import datetime
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from . import measured

ROOT = Path(__file__).resolve().parents[2]
LOOK_EVERY_S = 0.05
CODE = "H10.12-261120-0001"
SIZE_PX = (1240, 1754)  # A4 at 150 dpi
HEADING = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "", "QUYẾT ĐỊNH"]
DOCUMENT_PAGES = 5
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench memory", description=__doc__.splitlines()[0])
    parser.add_argument("--pages", default="10,200,2000", metavar="N,N…")
    parser.add_argument("--shapes", default="jpeg,tiff,pdf", metavar="NAME,…")
    parser.add_argument("--program", type=Path, default=ROOT / "target" / "release" / "sohoa", metavar="FILE")
    options = parser.parse_args()
    print("| dossier | pages | documents | program MiB | largest reading process MiB | pages/s |")
    print("|---|--:|--:|--:|--:|--:|")
    for shape in options.shapes.split(","):
        for count in map(int, options.pages.split(",")):
            with tempfile.TemporaryDirectory(prefix="sohoa-memory-") as folder:
                print(row(shape, count, Path(folder), options.program), flush=True)
    print(f"\n{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {datetime.date.today().isoformat()}.")


def row(shape, count, folder, program):
    drop = folder / "drop" / CODE
    drop.mkdir(parents=True)
    SHAPES[shape](drop, count)
    out = folder / "out"
    began = time.monotonic()
    command = [program, "run", folder / "drop", "--out", out, "--unsigned", "--no-progress",
               "--exit-zero-on", "review"]
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "TZ": "UTC"})
        peaks = Peaks(process.pid)
        code = process.wait()
    taken_s = time.monotonic() - began
    if code != 0:
        print((folder / "log").read_text("utf-8", "replace")[-2000:], file=sys.stderr)
        raise measured.Failed(f"{shape}, {count} pages: ended with {code}")
    own, child = peaks.stop()
    documents = len(list((out / "dossiers" / CODE).glob("*.pdf")))
    return f"| {shape} | {count} | {documents} | {own:.0f} | {child:.0f} | {count / taken_s:.1f} |"


class Peaks:
    """The highest VmHWM seen of a process, and of any of its children."""

    def __init__(self, pid):
        self.pid = pid
        self.own_kib = self.child_kib = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.over.wait(LOOK_EVERY_S):
            self.own_kib = max(self.own_kib, status(self.pid)["VmHWM"])
            for child in children(self.pid):
                self.child_kib = max(self.child_kib, status(child)["VmHWM"])

    def stop(self):
        self.over.set()
        self.thread.join()
        return self.own_kib / 1024, self.child_kib / 1024


def children(pid):
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        try:
            yield from map(int, (thread / "children").read_text().split())
        except OSError:
            continue  # It ended meanwhile.


def status(pid):
    found = {"VmHWM": 0}
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in found:
                found[name] = int(value.split()[0])
    except OSError:
        pass  # It ended meanwhile.
    return found


def page(number, heading):
    """A page with its number in words of its own; some begin a document."""
    image = Image.new("L", SIZE_PX, 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(FONT, 34)
    lines = (HEADING if heading else []) + [f"Trang thứ {number} của hồ sơ thử bộ nhớ", f"Số hiệu {number * 7919}"]
    for place, line in enumerate(lines):
        draw.text((140, 140 + 60 * place), line, fill=0, font=font)
    return image


def jpegs(drop, count):
    for number in range(count):
        image = page(number, number % DOCUMENT_PAGES == 0)
        image.save(drop / f"{number + 1:05}.jpg", quality=80, dpi=(150, 150))


def tiff(drop, count):
    pages = (page(number, False).convert("1") for number in range(1, count))
    page(0, True).convert("1").save(
        drop / "hồ sơ.tif", save_all=True, append_images=pages, compression="group4", dpi=(150, 150))


def pdf(drop, count):
    pages = (page(number, False) for number in range(1, count))
    page(0, True).save(drop / "hồ sơ.pdf", save_all=True, append_images=pages, resolution=150)


SHAPES = {"jpeg": jpegs, "tiff": tiff, "pdf": pdf}

if __name__ == "__main__":
    main()
