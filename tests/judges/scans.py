"""Draws scan files with programs that others wrote, each with the page they see in it.

    scans.py OUT

OUT/drop/CASE/... is a dossier of one file, OUT/pages/CASE-0.png what its page must look
like (upright, on white), OUT/cases.json what to expect. libtiff, libjpeg-turbo, OpenJPEG and
Pillow encode; where coding is lossless the page is the drawing itself, else what Pillow
decodes. Small writers here make what no tool at hand makes (BMP headers, PNG of every kind,
TIFF of odd depths), and Pillow says what they show.
"""

import io
import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

OUT = Path(sys.argv[1])
WORK = OUT / "work"
CASES = []
WIDTH, HEIGHT = 331, 217


def drawing():
    """Grey slopes with ink-like blobs and single pixels; no side a multiple of eight."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    ink = ((x // 13 + y // 7) % 5 == 0) & ((x * y) % 11 != 3)
    ink |= (y == 40) | (x == 300) | ((x * 31 + y * 17) % 97 == 0)
    return x, y, ink


X, Y, INK = drawing()
BILEVEL = np.where(INK, 0, 255).astype(np.uint8)
GREY = ((X * 7 + Y * 3) % 256).astype(np.uint8)
SMOOTH = np.clip(40 + X * 0.5 + Y * 0.3 + np.where(INK, -30, 0), 0, 255).astype(np.uint8)
COLOUR = np.dstack([SMOOTH, SMOOTH[::-1], 255 - SMOOTH]).copy()
SHARP = np.dstack([GREY, GREY.T[:1].repeat(HEIGHT, 0)[:, :1].repeat(WIDTH, 1), BILEVEL])


def run(*words):
    subprocess.run([str(word) for word in words], check=True, capture_output=True)


def shown(image):
    """What a picture shows on white paper, as RGB."""
    image = ImageOps.exif_transpose(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image)
    if image.mode.startswith("I;16") or image.mode == "I":
        image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    return np.asarray(image.convert("RGB"))


def rgb(samples):
    return samples if samples.ndim == 3 else np.dstack([samples] * 3)


def case(name, data, pages=None, mean=0.0, most=0, fault=None, dpi=None, original=None):
    """One file; `pages` are arrays, `mean` and `most` how far any sample may be off."""
    folder = OUT / "drop" / name
    folder.mkdir(parents=True)
    if isinstance(data, Path):
        data = data.read_bytes()
    (folder / "scan").write_bytes(data)
    if pages is None and fault is None:
        try:
            pages = [shown(Image.open(io.BytesIO(data)))]
        except OSError as error:
            raise SystemExit(f"{name}: {error}") from error
    names = []
    for number, page in enumerate(pages or []):
        path = OUT / "pages" / f"{name}-{number}.png"
        Image.fromarray(rgb(page)).save(path)
        names.append(path.name)
    CASES.append(
        {"name": name, "pages": names, "mean": mean, "most": most, "fault": fault,
         "dpi": dpi, "original": original}
    )


def saved(samples, mode=None, **how):
    out = io.BytesIO()
    image = samples if isinstance(samples, Image.Image) else Image.fromarray(samples)
    image = image.convert(mode) if mode else image
    image.save(out, **how)
    return out.getvalue()


# --- TIFF -----------------------------------------------------------------------------


def tiff(tags, data, order="<"):
    """An uncompressed TIFF of one strip: tags is {number: (type, [values])}."""
    sizes = {2: 1, 3: 2, 4: 4, 5: 8}
    codes = {2: "B", 3: "H", 4: "I"}
    tags = dict(tags)
    tags[273] = (4, [0])
    tags[279] = (4, [len(data)])
    head = 8 + 2 + 12 * len(tags) + 4
    extra, entries = b"", b""
    for number in sorted(tags):
        kind, values = tags[number]
        if number == 273:
            raw = None
        elif kind == 5:
            raw = b"".join(struct.pack(order + "II", *value) for value in values)
        else:
            raw = struct.pack(order + codes[kind] * len(values), *values)
        if raw is None:
            field = b"STRP"
        elif len(raw) <= 4:
            field = raw.ljust(4, b"\0")
        else:
            field = struct.pack(order + "I", head + len(extra))
            extra += raw
        count = len(values)
        assert raw is None or len(raw) == count * sizes[kind]
        entries += struct.pack(order + "HHI", number, kind, count) + field
    strip = struct.pack(order + "I", head + len(extra))
    start = b"II*\0" if order == "<" else b"MM\0*"
    ifd = struct.pack(order + "H", len(tags)) + entries.replace(b"STRP", strip) + b"\0" * 4
    return start + struct.pack(order + "I", 8) + ifd + extra + data


def basic(bits, photometric, samples=1, width=WIDTH, height=HEIGHT, **more):
    tags = {
        256: (4, [width]), 257: (4, [height]), 258: (3, [bits] * samples),
        259: (3, [1]), 262: (3, [photometric]), 277: (3, [samples]), 278: (4, [height]),
    }
    tags.update(more.get("tags", {}))
    return tags


def packed(values, bits):
    """Rows of samples of 1, 2 or 4 bits, each row from a byte on."""
    per = 8 // bits
    padded = np.pad(values, ((0, 0), (0, -values.shape[1] % per)))
    out = np.zeros((values.shape[0], padded.shape[1] // per), np.uint8)
    for place in range(per):
        out |= (padded[:, place::per] << (8 - bits * (place + 1))).astype(np.uint8)
    return out.tobytes()


def tiffs():
    bases = {}

    def base(name, data, page):
        path = WORK / f"{name}.tif"
        path.write_bytes(data)
        bases[name] = (path, page)

    ink = (BILEVEL == 0).astype(np.uint8)
    base("bilevel", tiff(basic(1, 1), packed(1 - ink, 1)), BILEVEL)
    base("miniswhite", tiff(basic(1, 0), packed(ink, 1)), BILEVEL)
    base("grey", tiff(basic(8, 1), GREY.tobytes()), GREY)
    base("greyminiswhite", tiff(basic(8, 0), (255 - GREY).tobytes()), GREY)
    base("rgb", tiff(basic(8, 2, 3), SHARP.tobytes()), SHARP)
    wide = GREY.astype(np.uint16) * 257
    base("grey16", tiff(basic(16, 1), wide.astype("<u2").tobytes()), GREY)
    deep = SHARP.astype(np.uint16) * 257
    base("rgb16", tiff(basic(16, 2, 3), deep.astype("<u2").tobytes()), SHARP)
    for bits in (2, 4):
        values = GREY >> (8 - bits)
        page = (values * (255 // (2**bits - 1))).astype(np.uint8)
        base(f"grey{bits}", tiff(basic(bits, 1), packed(values, bits)), page)
        flipped = (2**bits - 1) - values
        base(f"grey{bits}miniswhite", tiff(basic(bits, 0), packed(flipped, bits)), page)
    for bits in (1, 2, 4, 8):
        count = 2**bits
        values = GREY >> (8 - bits)
        table = np.array([[(i * 37) % 256, (i * 91 + 5) % 256, 255 - i * (255 // (count - 1))]
                          for i in range(count)], np.uint16)
        colour_map = (3, [int(v) * 257 for v in table.T.reshape(-1)])
        data = values.tobytes() if bits == 8 else packed(values, bits)
        tags = basic(bits, 3, tags={320: colour_map})
        base(f"palette{bits}", tiff(tags, data), table[values].astype(np.uint8))
    inks = np.dstack([SHARP, GREY // 2])
    light = (255 - inks[..., 3].astype(int))[..., None]
    page = ((255 - inks[..., :3].astype(int)) * light + 127) // 255
    base("cmyk", tiff(basic(8, 5, 4, tags={332: (3, [1])}), inks.tobytes()), page.astype(np.uint8))
    alpha = np.dstack([SHARP, BILEVEL])
    seen = np.where(BILEVEL[..., None] == 255, SHARP, 255).astype(np.uint8)
    base("rgba", tiff(basic(8, 2, 4, tags={338: (3, [2])}), alpha.tobytes()), seen)

    codings = ["none", "lzw", "lzw:2", "zip", "zip:2", "packbits"]
    for name, (path, page) in bases.items():
        plain = {"bilevel", "miniswhite"}
        small = name.startswith(("palette", "grey2", "grey4")) and name != "palette8"
        for coding in codings + (["g3", "g3:2d", "g3:fill", "g4"] if name in plain else []):
            # A predictor needs whole bytes.
            if ":2" in coding and "g3" not in coding and (name in plain or small):
                continue
            for label, flags in [
                ("strips", ["-r", "16"]), ("onestrip", ["-r", "9999"]),
                ("tiles", ["-t", "-w", "64", "-l", "48"]), ("planes", ["-p", "separate"]),
                ("lowbit", ["-f", "lsb2msb", "-r", "50"]), ("big", ["-8", "-B"]),
            ]:
                many = name in ("rgb", "cmyk", "rgba")
                if label == "planes" and not many:
                    continue
                if label in ("big", "onestrip") and coding not in ("none", "lzw", "g4"):
                    continue
                out = WORK / "out.tif"
                run("tiffcp", "-c", coding, *flags, path, out)
                case(f"tiff-{name}-{coding.replace(':', '')}-{label}", out, [page])
        if name == "rgb":
            out = WORK / "out.tif"
            run("tiffcp", "-c", "lzw", "-p", "separate", "-t", "-w", "64", "-l", "48", path, out)
            case("tiff-rgb-lzw-tiledplanes", out, [page])

    for name, how in [("rle", "tiff_ccitt"), ("olddeflate", "tiff_deflate"),
                      ("newdeflate", "tiff_adobe_deflate")]:
        mode = "1" if name == "rle" else None
        samples = BILEVEL if name == "rle" else GREY
        case(f"tiff-{name}", saved(samples, mode, format="TIFF", compression=how), [samples])

    smooth = WORK / "smooth.tif"
    smooth.write_bytes(tiff(basic(8, 2, 3), COLOUR.tobytes()))
    grey = WORK / "smoothgrey.tif"
    grey.write_bytes(tiff(basic(8, 1), SMOOTH.tobytes()))
    for label, flags in [("strips", ["-r", "16"]), ("onestrip", ["-r", "9999"]),
                         ("tiles", ["-t", "-w", "64", "-l", "48"])]:
        out = WORK / "out.tif"
        for name, path, coding in [("ycc", smooth, "jpeg:90"), ("rgb", smooth, "jpeg:90:r"),
                                   ("grey", grey, "jpeg:90")]:
            run("tiffcp", "-c", coding, *flags, path, out)
            case(f"tiff-jpeg-{name}-{label}", out, mean=1.5, most=90)
    ycc = np.asarray(Image.fromarray(COLOUR).convert("YCbCr"))[:216, :328]
    for across, down in [(1, 1), (2, 1), (2, 2), (4, 2)]:
        # Data units: the brightness of a block of pixels, then its two colours (section 21).
        height, width = ycc.shape[0] // down, ycc.shape[1] // across
        blocks = ycc[..., 0].reshape(height, down, width, across).transpose(0, 2, 1, 3)
        units = np.dstack([blocks.reshape(height, width, -1), ycc[::down, ::across, 1:]])
        tags = basic(8, 6, 3, 328, 216, tags={530: (3, [across, down])})
        data = tiff(tags, units.astype(np.uint8).tobytes())
        chroma = ycc[::down, ::across, 1:].repeat(down, 0).repeat(across, 1)
        page = Image.fromarray(np.dstack([ycc[..., :1], chroma]), "YCbCr").convert("RGB")
        case(f"tiff-ycbcr-{across}{down}", data, [np.asarray(page)], mean=0.6, most=2)

    # What is said clearly instead of being read.
    half = basic(16, 1, tags={339: (3, [3])})
    case("tiff-float16", tiff(half, GREY.astype("<f2").tobytes()), fault="INT-008")
    single = basic(32, 1, tags={339: (3, [3])})
    case("tiff-float32", tiff(single, GREY.astype("<f4").tobytes()), fault="INT-008")
    old = basic(8, 6, 3)
    old[259] = (3, [6])
    case("tiff-oldjpeg", tiff(old, b"\xff\xd8\xff\xd9"), fault="INT-008")
    for number in (32773 - 1, 34925, 50000, 50001):
        # A private number, LZMA, Zstandard, WebP.
        tags = basic(8, 1)
        tags[259] = (3, [number])
        case(f"tiff-coding{number}", tiff(tags, GREY.tobytes()), fault="INT-008")

    # Pages: mixed sizes and resolutions, thumbnails, masks, absurd resolutions, turns.
    def resolved(dots):
        return {282: (5, [(dots, 1)]), 283: (5, [(dots, 1)]), 296: (3, [2])}

    first, second, both = WORK / "first.tif", WORK / "second.tif", WORK / "both.tif"
    ink = tiff(basic(1, 1, tags=resolved(300)), packed((BILEVEL > 0).astype(np.uint8), 1))
    (WORK / "ink.tif").write_bytes(ink)
    run("tiffcp", "-c", "g4", WORK / "ink.tif", first)
    second.write_bytes(tiff(basic(8, 2, 3, tags=resolved(200)), COLOUR.tobytes()))
    run("tiffcp", first, second, both)
    case("tiff-mixed", both, [BILEVEL, COLOUR], dpi=[300, 200])
    for kind in (1, 4):
        thumbnail = tiff(basic(8, 1, width=20, height=10, tags={254: (4, [kind])}), bytes(200))
        whole, small = WORK / "whole.tif", WORK / "small.tif"
        whole.write_bytes(tiff(basic(8, 1), GREY.tobytes()))
        small.write_bytes(thumbnail)
        run("tiffcp", small, whole, WORK / "out.tif")
        run("tiffset", "-d", "0", "-s", "254", kind, WORK / "out.tif")
        case(f"tiff-notpage{kind}", WORK / "out.tif", [GREY])
    for name, ratio, unit, dpi in [("cm", (118, 1), 3, 299.72), ("zero", (0, 1), 2, None),
                                   ("nan", (0, 0), 2, None), ("huge", (4000000, 1), 2, None),
                                   ("nounit", (300, 1), 1, None)]:
        more = {282: (5, [ratio]), 283: (5, [ratio]), 296: (3, [unit])}
        case(f"tiff-res-{name}", tiff(basic(8, 1, tags=more), GREY.tobytes()), [GREY], dpi=[dpi])
    for turn in range(1, 9):
        data = tiff(basic(8, 2, 3, tags={274: (3, [turn])}), SHARP.tobytes())
        # Pillow turns TIFFs itself while loading; the drawing, turned by hand, is the page.
        image = Image.fromarray(SHARP)
        image.getexif()[274] = turn
        case(f"tiff-turn{turn}", data, [np.asarray(ImageOps.exif_transpose(image))])
    cycle = bytearray(tiff(basic(8, 1), GREY.tobytes()))
    entries = struct.unpack("<H", cycle[8:10])[0]
    cycle[10 + 12 * entries:14 + 12 * entries] = struct.pack("<I", 8)
    case("tiff-cycle", bytes(cycle), fault="INT-007")
    case("tiff-cut", tiff(basic(8, 1), GREY.tobytes())[:-900], fault="INT-006")


# --- JPEG -----------------------------------------------------------------------------


def jpegs():
    ppm, pgm = WORK / "page.ppm", WORK / "page.pgm"
    Image.fromarray(COLOUR).save(ppm)
    Image.fromarray(SMOOTH).save(pgm)

    def cjpeg(*flags, source=ppm):
        out = WORK / "out.jpg"
        run("cjpeg", "-quality", "90", *flags, "-outfile", out, source)
        return out.read_bytes()

    near = {"mean": 1.5, "most": 60}
    case("jpeg-baseline", cjpeg(), **near, original="Jpeg")
    case("jpeg-progressive", cjpeg("-progressive"), **near, original="Jpeg")
    case("jpeg-restarts", cjpeg("-restart", "1"), **near, original="Jpeg")
    case("jpeg-restartblocks", cjpeg("-restart", "3B"), **near, original="Jpeg")
    for sampling in ["1x1", "2x1", "1x2", "2x2", "4x1"]:
        case(f"jpeg-{sampling}", cjpeg("-sample", sampling), **near, original="Jpeg")
    case("jpeg-rgb", cjpeg("-rgb"), **near, original="Jpeg")
    case("jpeg-grey", cjpeg("-grayscale", source=pgm), **near, original="Jpeg")
    case("jpeg-arithmetic", cjpeg("-arithmetic"), fault="INT-008")
    twelve = bytearray(cjpeg())
    twelve[twelve.index(b"\xff\xc0") + 4] = 12
    case("jpeg-12bit", bytes(twelve), fault="INT-008")
    lossless = bytearray(cjpeg())
    lossless[lossless.index(b"\xff\xc0") + 1] = 0xC3
    case("jpeg-lossless", bytes(lossless), fault="INT-008")
    case("jpeg-garbage", cjpeg() + b"\0" * 4096, **near, original="Jpeg")
    # Of its end marker, one byte or both; then of the picture.
    whole = [shown(Image.open(io.BytesIO(cjpeg())))]
    for cut in [1, 2]:
        case(f"jpeg-cut{cut}", cjpeg()[:-cut], whole, **near, original="Jpeg")
    for cut in [3, 40, 4000]:
        case(f"jpeg-cut{cut}", cjpeg()[:-cut], fault="INT-006")
    case("jpeg-joined", cjpeg() + cjpeg("-grayscale"), fault="INT-037")
    case("jpeg-mpo", saved(COLOUR, format="MPO", save_all=True,
                           append_images=[Image.fromarray(COLOUR[::-1].copy())]), **near)
    lying = bytearray(cjpeg())
    at = lying.index(b"\xff\xc0") + 5
    lying[at:at + 2] = struct.pack(">H", HEIGHT * 4)
    case("jpeg-lyingheight", bytes(lying), fault="INT-007")
    inks = Image.fromarray(COLOUR).convert("CMYK")
    case("jpeg-cmyk", saved(inks, format="JPEG", quality=92), mean=2, most=60)
    for turn in range(1, 9):
        exif = Image.Exif()
        exif[274] = turn
        data = saved(COLOUR, format="JPEG", quality=92, exif=exif, dpi=(300, 300))
        case(f"jpeg-turn{turn}", data, **near, dpi=[300], original="Jpeg")


# --- PNG ------------------------------------------------------------------------------


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(kind, depth, values, interlaced, before=b""):
    """`values`: height × width × channels, in the depth's own range."""
    def rows(part):
        height, width, channels = part.shape
        if depth == 16:
            body = part.astype(">u2").tobytes()
        elif depth == 8:
            body = part.astype(np.uint8).tobytes()
        else:
            body = packed(part.reshape(height, width * channels).astype(np.uint8), depth)
        stride = len(body) // height
        return b"".join(b"\0" + body[i * stride:(i + 1) * stride] for i in range(height))

    data = b""
    if interlaced:
        for x, y, across, down in ADAM7:
            part = values[y::down, x::across]
            if part.size:
                data += rows(part)
    else:
        data = rows(values)
    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], depth, kind, 0, 0, interlaced)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before
            + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def pngs():
    kinds = {0: ("grey", 1, [1, 2, 4, 8, 16]), 2: ("rgb", 3, [8, 16]),
             3: ("palette", 1, [1, 2, 4, 8]), 4: ("greyalpha", 2, [8, 16]), 6: ("rgba", 4, [8, 16])}
    for kind, (name, channels, depths) in kinds.items():
        for depth in depths:
            for interlaced in (0, 1):
                top = 2**depth
                planes = [((X * (3 + c) + Y * (5 - c)) * (257 if depth == 16 else 1)) % top
                          for c in range(channels)]
                if kind in (4, 6):
                    # Alpha of all or nothing: in between, roundings differ by one.
                    planes[-1] = np.where(INK, top - 1, 0)
                values = np.dstack(planes)
                before, page = b"", None
                eight = (values >> (depth - 8)) if depth > 8 else values * (255 // (top - 1))
                eight = eight.astype(np.uint8)
                if kind == 3:
                    table = [((i * 37) % 256, (i * 91) % 256, 255 - (i * 3) % 256) for i in range(min(top, 256))]
                    before = chunk(b"PLTE", bytes(v for entry in table for v in entry))
                    page = np.array(table, np.uint8)[values[..., 0]]
                elif kind == 0:
                    page = eight[..., 0]
                elif kind == 2:
                    page = eight
                else:
                    page = np.where(INK[..., None], eight[..., :-1], 255).astype(np.uint8)
                    page = page if page.shape[2] == 3 else page[..., 0]
                data = png(kind, depth, values, interlaced, before)
                label = f"png-{name}{depth}" + ("-interlaced" if interlaced else "")
                case(label, data, [page])
    see = chunk(b"tRNS", struct.pack(">H", 77))
    values = GREY[..., None].astype(int)
    case("png-trns-grey", png(0, 8, values, 0, see), [np.where(GREY == 77, 255, GREY).astype(np.uint8)])
    gamma = chunk(b"gAMA", struct.pack(">I", 100000))
    case("png-gamma", png(0, 8, values, 0, gamma), [GREY])
    bomb = chunk(b"iCCP", b"p\0\0" + zlib.compress(b"\0" * (64 << 20)))
    bomb += chunk(b"zTXt", b"t\0\0" + zlib.compress(b"a" * (64 << 20)))
    case("png-bombs", png(0, 8, values, 0, bomb), [GREY])
    frames = [Image.fromarray(COLOUR), Image.fromarray(COLOUR[::-1].copy())]
    case("png-animated", saved(frames[0], format="PNG", save_all=True, append_images=frames[1:]), fault="INT-037")
    broken = bytearray(png(0, 8, values, 0))
    broken[broken.index(b"IDAT") + 200] ^= 0xFF
    case("png-crc", bytes(broken), fault="INT-007")
    case("png-cut", png(0, 8, values, 0)[:-300], fault="INT-006")


# --- WebP, BMP ------------------------------------------------------------------------


def webps():
    case("webp-lossy", saved(COLOUR, format="WEBP", quality=90), mean=3, most=90)
    case("webp-lossless", saved(COLOUR, format="WEBP", lossless=True), [COLOUR])
    clear = np.dstack([COLOUR, BILEVEL])
    page = np.where(BILEVEL[..., None] == 255, COLOUR, 255).astype(np.uint8)
    case("webp-alpha", saved(clear, format="WEBP", lossless=True, exact=True), [page])
    frames = [Image.fromarray(COLOUR), Image.fromarray(COLOUR[::-1].copy())]
    data = saved(frames[0], format="WEBP", lossless=True, save_all=True, append_images=frames[1:])
    case("webp-animated", data, fault="INT-037")
    case("webp-cut", saved(COLOUR, format="WEBP", lossless=True)[:-500], fault="INT-007")


def bmp(header_bytes, bits, data, compression=0, masks=None, palette=b"", top_down=False):
    height = -HEIGHT if top_down else HEIGHT
    if header_bytes == 12:
        header = struct.pack("<IHHHH", 12, WIDTH, HEIGHT, 1, bits)
    else:
        header = struct.pack("<IiiHHIIiiII", header_bytes, WIDTH, height, 1, bits, compression,
                             len(data), 11811, 11811, len(palette) // 4, 0)
        if masks and header_bytes >= 56:
            header += struct.pack("<IIII", *masks)
        header = header.ljust(header_bytes, b"\0")
        if masks and header_bytes == 40:
            header += struct.pack("<III", *masks[:3])
    start = 14 + len(header) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + header + palette + data


def bmp_rows(samples, top_down=False):
    rows = samples if top_down else samples[::-1]
    raw = rows.reshape(rows.shape[0], -1)
    return np.pad(raw, ((0, 0), (0, -raw.shape[1] % 4))).tobytes()


def bmps():
    blue_first = COLOUR[..., ::-1]
    for header in (12, 40, 52, 56, 108, 124):
        case(f"bmp-header{header}", bmp(header, 24, bmp_rows(blue_first)), [COLOUR],
             dpi=None if header == 12 else [300])
    case("bmp-topdown", bmp(40, 24, bmp_rows(blue_first, True), top_down=True), [COLOUR])
    four = np.dstack([blue_first, np.zeros_like(SMOOTH)])
    case("bmp-32bit", bmp(40, 32, bmp_rows(four)), [COLOUR])
    masks = (0xFF000000, 0xFF0000, 0xFF00, 0)
    turned = np.dstack([np.zeros_like(SMOOTH), COLOUR[..., 2], COLOUR[..., 1], COLOUR[..., 0]])
    for header in (40, 108, 124):
        case(f"bmp-bitfields{header}", bmp(header, 32, bmp_rows(turned), 3, masks), [COLOUR])
    grey_palette = b"".join(bytes([v, v, v, 0]) for v in range(256))
    case("bmp-grey8", bmp(40, 8, bmp_rows(GREY), palette=grey_palette), [GREY])
    run_bytes = b""
    for row in (GREY // 32 * 32)[::-1]:
        at = 0
        while at < WIDTH:
            length = 1
            while at + length < WIDTH and length < 255 and row[at + length] == row[at]:
                length += 1
            run_bytes += bytes([length, row[at]])
            at += length
        run_bytes += b"\0\0"
    page = (GREY // 32 * 32).astype(np.uint8)
    case("bmp-rle8", bmp(40, 8, run_bytes + b"\0\1", 1, palette=grey_palette), [page])
    ink = (BILEVEL > 0).astype(np.uint8)
    rows = np.frombuffer(packed(ink, 1), np.uint8).reshape(HEIGHT, -1)
    case("bmp-bilevel", bmp(40, 1, bmp_rows(rows), palette=bytes([0] * 4 + [255] * 3 + [0])), [BILEVEL])
    case("bmp-jpeginside", bmp(40, 24, b"\xff\xd8\xff", 4), fault="INT-008")
    case("bmp-cut", bmp(40, 24, bmp_rows(blue_first))[:-700], fault="INT-006")


# --- JPEG 2000 ------------------------------------------------------------------------


def jpeg2000s():
    colour, grey = WORK / "page.png", WORK / "grey.png"
    Image.fromarray(COLOUR).save(colour)
    Image.fromarray(SMOOTH).save(grey)

    def opj(name, *flags, source=colour):
        out = WORK / name
        run("opj_compress", "-i", source, "-o", out, *flags)
        return out.read_bytes()

    exact = {"pages": [COLOUR]}
    case("jp2-lossless", opj("a.jp2"), **exact, original="Jpeg2000")
    case("jp2-raw", opj("a.j2k"), **exact)
    case("jp2-grey", opj("a.jp2", source=grey), [SMOOTH], original="Jpeg2000")
    for label, flags in [
        ("tiles", ["-t", "100,90"]), ("tileparts", ["-t", "128,128", "-TP", "R"]),
        ("precincts", ["-c", "[128,128],[64,64]"]), ("markers", ["-SOP", "-EPH"]),
        ("levels1", ["-n", "1"]), ("levels6", ["-n", "6"]), ("blocks", ["-b", "32,16"]),
        ("modes", ["-M", "63"]), ("offset", ["-d", "13,7"]), ("tileoffset", ["-d", "13,7", "-T", "5,3", "-t", "90,90"]),
        ("rlcp", ["-p", "RLCP"]), ("rpcl", ["-p", "RPCL"]), ("pcrl", ["-p", "PCRL"]), ("cprl", ["-p", "CPRL"]),
    ]:
        case(f"jp2-{label}", opj("a.jp2", *flags), **exact, original="Jpeg2000")
    for label, flags in [("lossy", ["-r", "12", "-I"]), ("layers", ["-r", "40,20,10", "-I"])]:
        case(f"jp2-{label}", opj("a.jp2", *flags), mean=0.6, most=3, original="Jpeg2000")
    deep = WORK / "deep.png"
    Image.fromarray((GREY.astype(np.uint16) * 257)).save(deep)
    case("jp2-16bit", opj("a.jp2", source=deep), [GREY], mean=0, most=1)
    clear = np.dstack([COLOUR, BILEVEL])
    Image.fromarray(clear).save(WORK / "clear.png")
    page = np.where(BILEVEL[..., None] == 255, COLOUR, 255).astype(np.uint8)
    case("jp2-alpha", opj("a.jp2", source=WORK / "clear.png"), [page])
    case("jp2-greyalpha", saved(np.dstack([SMOOTH, BILEVEL]), "LA", format="JPEG2000"),
         [np.where(BILEVEL == 255, SMOOTH, 255).astype(np.uint8)])
    Image.fromarray(BILEVEL).save(WORK / "ink.png")
    case("jp2-bilevel", opj("a.jp2", source=WORK / "ink.png"), [BILEVEL])
    # 4:2:0 in sYCC: raw planes, brightness whole, colours halved.
    ycc = np.asarray(Image.fromarray(COLOUR).convert("YCbCr"))[:216, :330]
    planes = [ycc[..., 0], ycc[::2, ::2, 1], ycc[::2, ::2, 2]]
    (WORK / "planes.raw").write_bytes(b"".join(p.tobytes() for p in planes))
    out = WORK / "sub.jp2"
    run("opj_compress", "-i", WORK / "planes.raw", "-o", out, "-F",
        "330,216,3,8,u@1x1:2x2:2x2", "-mct", "0")
    run("opj_decompress", "-i", out, "-o", WORK / "sub.ppm")
    case("jp2-subsampled", out, [np.asarray(Image.open(WORK / "sub.ppm").convert("RGB"))], mean=3, most=80)
    # A palette of four colours, put around a codestream of indices.
    indices = (GREY >> 6).astype(np.uint8)
    Image.fromarray(indices).save(WORK / "indices.png")
    stream = opj("i.j2k", source=WORK / "indices.png")
    table = [(250, 10, 20), (10, 240, 30), (20, 30, 230), (255, 255, 255)]
    box = lambda name, body: struct.pack(">I", len(body) + 8) + name + body
    header = box(b"ihdr", struct.pack(">IIHBBBB", HEIGHT, WIDTH, 1, 7, 7, 0, 0))
    header += box(b"colr", b"\x01\0\0" + struct.pack(">I", 16))
    header += box(b"pclr", struct.pack(">HB", 4, 3) + b"\x07" * 3 + bytes(v for e in table for v in e))
    header += box(b"cmap", b"".join(struct.pack(">HBB", 0, 1, c) for c in range(3)))
    # 300 dpi: 11811 dots a metre, as 11811/1 × 10^0.
    header += box(b"res ", box(b"resc", struct.pack(">HHHHbb", 11811, 1, 11811, 1, 0, 0)))
    start = box(b"jP  ", b"\r\n\x87\n") + box(b"ftyp", b"jp2 \0\0\0\0jp2 ")
    whole = start + box(b"jp2h", header) + box(b"jp2c", stream)
    case("jp2-palette", whole, [np.array(table, np.uint8)[indices]], dpi=[300])
    case("jp2-lab", start + box(b"jp2h", box(b"ihdr", struct.pack(">IIHBBBB", HEIGHT, WIDTH, 3, 7, 7, 0, 0))
         + box(b"colr", b"\x01\0\0" + struct.pack(">I", 14))) + box(b"jp2c", opj("a.j2k")), fault="INT-008")
    for cut in [1, 400]:
        case(f"jp2-cut{cut}", opj("a.j2k")[:-cut - 2], fault="INT-006")
        case(f"jp2-boxcut{cut}", opj("a.jp2")[:-cut - 2], fault="INT-006")


def main():
    WORK.mkdir(parents=True)
    (OUT / "pages").mkdir()
    for draw in (tiffs, jpegs, pngs, webps, bmps, jpeg2000s):
        draw()
    (OUT / "cases.json").write_text(json.dumps(CASES))
    print(len(CASES), "cases")


main()
