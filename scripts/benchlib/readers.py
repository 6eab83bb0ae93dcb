"""The part `scripts/bench readers`: what a reading process costs.

Speaks to `sohoa read-pages` as the program does (src/run/reader/wire.rs): the time until one
stands ready, what passing a page costs beyond the work on it, and the peak memory a pixel.
"""

import argparse
import hashlib
import json
import os
import subprocess
import tempfile
import time
import tomllib
from pathlib import Path
from statistics import median

from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parents[2]
TRIES = 9
# A4 in colour at 300 dpi, and a map of nearly the largest size that is taken in.
SIZES_PX = [(2480, 3508), (10_000, 11_800)]


class Reader:
    """One reading process."""

    def __init__(self, program, memory_bytes=8 << 30):
        plan = tomllib.loads(subprocess.check_output([program, "plan"], text=True))
        command = [program, "read-pages", "--memory-bytes", str(memory_bytes)]
        began = time.monotonic()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.ask(plan)
        self.start_s = time.monotonic() - began

    def ask(self, request):
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        while True:
            answer = json.loads(self.process.stdout.readline())
            if answer != "Decoded":
                return answer

    def peak_bytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM"))

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def scan(path):
    path = path.resolve()
    return {
        "name": path.name, "path": list(os.fsencode(path)), "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "bytes": path.stat().st_size, "pages": 0, "kind": None, "signed": False, "part": None,
        "largest_page_px": 0, "directories": [],
    }


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench readers", description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, default=ROOT / "target" / "release" / "sohoa", metavar="FILE")
    program = parser.parse_args().program
    starts_ms, passing_ms = [], []
    with tempfile.TemporaryDirectory(prefix="sohoa-readers-") as folder:
        page = Path(folder) / "page.png"
        Image.new("L", (64, 64), 255).save(page)
        for _ in range(TRIES):
            reader = Reader(program)
            starts_ms.append(reader.start_s * 1000)
            for _ in range(TRIES):
                began = time.monotonic()
                reader.ask({"Open": scan(page)})
                passing_ms.append((time.monotonic() - began) * 1000)
            reader.end()
        print(f"a reading process stands ready after {median(starts_ms):.0f} ms; a request costs {median(passing_ms):.1f} ms")
        for size_px in SIZES_PX:
            print(peak(program, Path(folder), size_px))


def peak(program, folder, size_px):
    path = folder / "map.jpg"
    image = Image.new("RGB", size_px, (240, 235, 220))
    draw = ImageDraw.Draw(image)
    for y in range(100, size_px[1] - 100, 60):
        draw.text((150, y), "Ban do dia chinh 2021 " * 8, fill=(30, 30, 90))
        draw.line((100, y + 40, size_px[0] - 100, y + 45), fill=(160, 40, 40), width=3)
    image.save(path, quality=80, dpi=(300, 300))
    del image, draw
    reader = Reader(program)
    idle_bytes = reader.peak_bytes()
    found = {**scan(path)}
    opened = reader.ask({"Open": found})["Opened"]["Ok"]
    found |= {key: opened[key] for key in ("kind", "pages", "largest_page_px", "directories") if key in opened}
    spool = list(os.fsencode(folder / "spool"))
    began = time.monotonic()
    reader.ask({"Read": {"scan": found, "index": 0, "spool": spool, "effort": "Full"}})
    taken_s = time.monotonic() - began
    pixels = size_px[0] * size_px[1]
    each = (reader.peak_bytes() - idle_bytes) / pixels
    reader.end()
    return (f"{pixels / 1e6:.0f} million pixels, colour JPEG: {each:.1f} bytes a pixel over the "
            f"{idle_bytes >> 20} MiB of an idle one, {taken_s:.1f} s")


if __name__ == "__main__":
    main()
