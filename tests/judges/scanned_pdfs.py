"""Builds PDFs as scanners and their programs do, and has Poppler draw each page.

    scanned_pdfs.py OUT

The layout of OUT is that of scans.py. pikepdf writes the files, OpenJPEG, libtiff and Pillow
code the images, pdftoppm draws at the resolution at which the page must come out.
"""

import io
import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pikepdf
from PIL import Image, ImageDraw, ImageFont
from pikepdf import Array, Dictionary, Name, Stream

OUT = Path(sys.argv[1])
WORK = OUT / "work"
CASES = []
# Six by eight centimetres and a bit: 300 dpi.
WIDTH, HEIGHT = 720, 960
PAGE_PT = (172.8, 230.4)


def run(*words):
    subprocess.run([str(word) for word in words], check=True, capture_output=True)


def drawing():
    image = Image.new("L", (WIDTH, HEIGHT), 255)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=34)
    for line in range(18):
        pen.text((40, 40 + line * 48), f"Don de nghi so {line * 731} cua ong", fill=0, font=font)
    pen.ellipse((430, 600, 650, 820), outline=0, width=9)
    return np.asarray(image.point(lambda v: 255 if v > 140 else 0))


INK = drawing()
Y, X = np.mgrid[0:HEIGHT, 0:WIDTH]
PAPER = np.dstack([np.full((HEIGHT, WIDTH), 250), 240 + Y % 7, 220 + X // 60]).astype(np.uint8)
SEAL = ((X - 540) ** 2 + (Y - 700) ** 2 < 100**2)
PHOTO = np.where(SEAL[..., None], np.array([200, 40, 40]), PAPER).astype(np.uint8)
GREY = np.where(INK == 0, 30, 225 - Y // 12).astype(np.uint8)


def saved(samples, mode=None, **how):
    out = io.BytesIO()
    image = Image.fromarray(samples)
    (image.convert(mode) if mode else image).save(out, **how)
    return out.getvalue()


def jpeg(samples, **how):
    return saved(samples, format="JPEG", quality=90, **how)


def cmyk_jpeg(inks):
    out = io.BytesIO()
    Image.fromarray(inks, "CMYK").save(out, format="JPEG", quality=90)
    return out.getvalue()


def fax(samples):
    """The strip of a Group 4 TIFF: black is 1 in T.6, which PDF shows as 0."""
    file = saved(samples, "1", format="TIFF", compression="group4", strip_size=1 << 24)
    with Image.open(io.BytesIO(file)) as page:
        offset, count = page.tag_v2[273][0], page.tag_v2[279][0]
        assert len(page.tag_v2[273]) == 1
        # Pillow says 0 is white or black; the strip's white runs are 0 bits.
        return file[offset:offset + count], page.tag_v2[262] == 0


def jpx(samples, *flags):
    source, out = WORK / "jpx.png", WORK / "jpx.jp2"
    Image.fromarray(samples).save(source)
    run("opj_compress", "-i", source, "-o", out, *flags)
    return out.read_bytes()


def jbig2(samples):
    """An embedded JBIG2 page of one generic region coded in MMR, which is T.6 (T.88, 6.2.6)."""
    height, width = samples.shape
    data, zero_is_white = fax(samples)
    if not zero_is_white:
        # 1 is black in JBIG2, whatever the TIFF meant by it.
        data, _ = fax(255 - samples)

    def segment(number, kind, body):
        return struct.pack(">IBBBI", number, kind, 0, 1, len(body)) + body

    page = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    region = struct.pack(">IIIIBB", width, height, 0, 0, 0, 1) + data
    return segment(0, 48, page) + segment(1, 38, region)


class Page:
    """One page in the making, behind those of `pdf`; images are named Im0, Im1, …"""

    def __init__(self, size_pt=PAGE_PT, pdf=None, **attributes):
        self.pdf = pdf or pikepdf.new()
        self.images = Dictionary()
        self.resources = Dictionary(XObject=self.images)
        self.content = []
        self.attributes = {"MediaBox": Array([0, 0, *size_pt]), **attributes}

    def stream(self, data, **entries):
        return self.pdf.make_indirect(Stream(self.pdf, data, **entries))

    def image(self, data, width, height, **entries):
        name = f"Im{len(self.images)}"
        entries = {"Type": Name.XObject, "Subtype": Name.Image, "Width": width, "Height": height, **entries}
        self.images[f"/{name}"] = self.stream(data, **entries)
        return name

    def stencil(self, samples, **entries):
        data, zero_is_white = fax(samples)
        height, width = samples.shape
        # A stencil paints where its sample is 0, and T.6's black comes out as 0.
        parms = Dictionary(K=-1, Columns=width, Rows=height, BlackIs1=not zero_is_white)
        return self.image(data, width, height, ImageMask=True, BitsPerComponent=1,
                          Filter=Name.CCITTFaxDecode, DecodeParms=parms, **entries)

    def put(self, name, box, before=""):
        x, y, width, height = box
        self.content.append(f"q {before} {width} 0 0 {height} {x} {y} cm /{name} Do Q")

    def append(self):
        content = self.stream("\n".join(self.content).encode())
        page = Dictionary(Type=Name.Page, Resources=self.resources, Contents=content, **self.attributes)
        self.pdf.pages.append(pikepdf.Page(self.pdf.make_indirect(page)))

    def save(self, **how):
        self.append()
        out = io.BytesIO()
        self.pdf.save(out, **how)
        return out.getvalue()


def case(name, data, dpi=300, page=None, count=1, mean=2.0, most=255, fault=None, original=None, said=None):
    """One PDF of `count` pages, which must look as `page` (or the pages of that list), else as Poppler draws them."""
    folder = OUT / "drop" / name
    folder.mkdir(parents=True)
    (folder / "scan.pdf").write_bytes(data)
    names = []
    wanted = page if isinstance(page, list) else [page] * count
    for index, page in enumerate(wanted if fault is None else []):
        path = OUT / "pages" / f"{name}-{index}.png"
        if page is None:
            stem, number = path.with_suffix(""), index + 1
            run("pdftoppm", "-r", dpi, "-png", "-singlefile", "-cropbox", "-f", number, folder / "scan.pdf", stem)
        else:
            Image.fromarray(page).save(path)
        names.append(path.name)
    CASES.append({"name": name, "pages": names, "mean": mean, "most": most, "fault": fault,
                  "dpi": [said or dpi] * len(wanted), "original": original})


WHOLE = (0, 0, *PAGE_PT)


def layered(mask_dpi=300, **attributes):
    """Mixed raster content: a coarse colour JPEG, and the letters as a stencil over it."""
    page = Page(**attributes)
    coarse = np.asarray(Image.fromarray(PHOTO).resize((WIDTH // 2, HEIGHT // 2)))
    name = page.image(jpeg(coarse), WIDTH // 2, HEIGHT // 2, ColorSpace=Name.DeviceRGB,
                      BitsPerComponent=8, Filter=Name.DCTDecode)
    page.put(name, WHOLE)
    side = mask_dpi / 300
    ink = Image.fromarray(INK).resize((round(WIDTH * side), round(HEIGHT * side)), Image.NEAREST)
    page.put(page.stencil(np.asarray(ink)), WHOLE, "0.1 0.1 0.3 rg")
    return page


def grey_image(page, samples, **entries):
    height, width = samples.shape
    return page.image(samples.tobytes(), width, height, ColorSpace=Name.DeviceGray, BitsPerComponent=8, **entries)


def layers():
    case("mrc", layered().save(), mean=4)
    case("mrc-600", layered(600).save(), dpi=600, mean=4)
    case("mrc-turned", layered(Rotate=90).save(), mean=7)
    case("mrc-turned-userunit", layered(Rotate=270, UserUnit=2).save(), mean=7, said=150)
    # Letters cut to the written lines, a twentieth of the page.
    page = Page()
    coarse = np.asarray(Image.fromarray(PHOTO).resize((WIDTH // 2, HEIGHT // 2)))
    page.put(page.image(jpeg(coarse), WIDTH // 2, HEIGHT // 2, ColorSpace=Name.DeviceRGB,
                        BitsPerComponent=8, Filter=Name.DCTDecode), WHOLE)
    line = INK[40:88]
    page.put(page.stencil(line), (0, (HEIGHT - 88) * 0.24, PAGE_PT[0], 48 * 0.24))
    case("mrc-oneline", page.save(), mean=4)
    # Colour of the letters by a soft-masked picture, as archive.org and ABBYY do.
    page = Page()
    page.put(page.image(jpeg(coarse), WIDTH // 2, HEIGHT // 2, ColorSpace=Name.DeviceRGB,
                        BitsPerComponent=8, Filter=Name.DCTDecode), WHOLE)
    mask = grey_image(page, 255 - INK)
    ink = np.zeros((HEIGHT // 4, WIDTH // 4, 3), np.uint8) + np.array([20, 20, 90], np.uint8)
    front = page.image(jpeg(ink), WIDTH // 4, HEIGHT // 4, ColorSpace=Name.DeviceRGB, BitsPerComponent=8,
                       Filter=Name.DCTDecode, SMask=page.images[f"/{mask}"])
    page.put(front, WHOLE)
    case("mrc-softmask", page.save(), mean=6)
    page = Page()
    background = page.image(jpx(coarse, "-r", "20", "-I"), WIDTH // 2, HEIGHT // 2, Filter=Name.JPXDecode)
    page.put(background, WHOLE)
    page.put(page.stencil(INK), WHOLE)
    case("mrc-jpx", page.save(), mean=4)


def strips():
    for count in (2, 7, 40):
        page = Page()
        edges = [HEIGHT * i // count for i in range(count + 1)]
        for top, bottom in zip(edges, edges[1:]):
            name = grey_image(page, GREY[top:bottom].copy())
            page.put(name, (0, (HEIGHT - bottom) * 0.24, PAGE_PT[0], (bottom - top) * 0.24))
        case(f"strips-{count}", page.save(), page=np.dstack([GREY] * 3), mean=0.0, most=0)
    page = Page()
    for top in range(0, HEIGHT, 120):
        part = PHOTO[top:top + 120].copy()
        name = page.image(jpeg(part), WIDTH, 120, ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Filter=Name.DCTDecode)
        page.put(name, (0, (HEIGHT - top - 120) * 0.24, PAGE_PT[0], 28.8))
    case("strips-jpeg", page.save(), mean=1)


def codings():
    page = Page()
    page.put(page.image(jpx(PHOTO, "-r", "15", "-I"), WIDTH, HEIGHT, Filter=Name.JPXDecode), WHOLE)
    case("jpx", page.save(), original="Jpeg2000")
    page = Page()
    page.put(page.image(jpx(PHOTO), WIDTH, HEIGHT, Filter=Name.JPXDecode, ColorSpace=Name.DeviceRGB,
                        BitsPerComponent=8), WHOLE)
    case("jpx-space", page.save(), page=PHOTO, mean=0, most=0, original="Jpeg2000")
    page = Page()
    page.put(page.image(jpx(PHOTO)[:-2000], WIDTH, HEIGHT, Filter=Name.JPXDecode), WHOLE)
    case("jpx-cut", page.save(), fault="INT-006")
    page = Page()
    page.put(page.stencil(INK), WHOLE)
    case("stencil", page.save(), page=INK, mean=0, most=0, original="CcittG4")
    page = Page()
    page.put(page.image(jbig2(INK), WIDTH, HEIGHT, ColorSpace=Name.DeviceGray, BitsPerComponent=1,
                        Filter=Name.JBIG2Decode), WHOLE)
    case("jbig2", page.save(), page=INK, mean=0, most=0, original="CcittG4")
    page = Page()
    page.put(page.image(jbig2(INK)[:-300], WIDTH, HEIGHT, ColorSpace=Name.DeviceGray, BitsPerComponent=1,
                        Filter=Name.JBIG2Decode), WHOLE)
    case("jbig2-cut", page.save(), fault="INT-006")
    for name, cut in [("fax-cut", 900)]:
        page = Page()
        data, zero_is_white = fax(INK)
        parms = Dictionary(K=-1, Columns=WIDTH, Rows=HEIGHT, BlackIs1=not zero_is_white)
        page.put(page.image(data[:-cut], WIDTH, HEIGHT, ColorSpace=Name.DeviceGray, BitsPerComponent=1,
                            Filter=Name.CCITTFaxDecode, DecodeParms=parms), WHOLE)
        case(name, page.save(), fault="INT-006")
    # A cut picture behind letters: the page is drawn, and must not be drawn incomplete.
    page = Page()
    page.put(page.image(jpeg(PHOTO)[:-3000], WIDTH, HEIGHT, ColorSpace=Name.DeviceRGB,
                        BitsPerComponent=8, Filter=Name.DCTDecode), WHOLE)
    page.put(page.stencil(INK), WHOLE)
    case("mrc-cut", page.save(), fault="INT-006")
    inverted = Page()
    inverted.put(grey_image(inverted, 255 - GREY, Decode=Array([1, 0])), WHOLE)
    case("decode-inverted", inverted.save(), page=np.dstack([GREY] * 3), mean=0, most=0)
    page = Page()
    table = bytes(v for i in range(256) for v in (i, 255 - i, i // 2))
    space = Array([Name.Indexed, Name.DeviceRGB, 255, pikepdf.String(table)])
    page.put(page.image(GREY.tobytes(), WIDTH, HEIGHT, ColorSpace=space, BitsPerComponent=8), WHOLE)
    case("indexed", page.save(), page=np.frombuffer(table, np.uint8).reshape(256, 3)[GREY], mean=0, most=0)
    for gamma in (1, 2.2):
        # Luminance is the sample to the power of Gamma, white is white (ISO 32000-1, 8.6.5.2). So draws
        # Ghostscript to the level; Poppler tints white (255, 248, 243), MuPDF takes no notice of Gamma.
        luminance = (GREY / 255) ** gamma
        srgb = np.where(luminance <= 0.0031308, 12.92 * luminance, 1.055 * luminance ** (1 / 2.4) - 0.055)
        space = Array([Name.CalGray, Dictionary(WhitePoint=Array([0.95, 1, 1.09]), Gamma=gamma)])
        raw = grey_image(page := Page(), GREY)
        page.images[f"/{raw}"].ColorSpace = space
        page.put(raw, WHOLE)
        # The renderer takes CIE lightness for sRGB's curve: up to 9 levels.
        grey = np.dstack([np.round(srgb * 255).astype(np.uint8)] * 3)
        case(f"space-calgray{gamma}", page.save(), page=grey, mean=8, most=12)
        coded = Page()
        name = coded.image(jpeg(GREY), WIDTH, HEIGHT, ColorSpace=space, BitsPerComponent=8, Filter=Name.DCTDecode)
        coded.put(name, WHOLE)
        case(f"space-calgray{gamma}-jpeg", coded.save(), page=grey, mean=8, original="Jpeg" if gamma == 2.2 else None)
    spaces = {
        "lab": (Array([Name.Lab, Dictionary(WhitePoint=Array([0.9642, 1, 0.8249]), Range=Array([-100, 100, -100, 100]))]),
                np.dstack([GREY, np.full_like(GREY, 128), np.full_like(GREY, 140)])),
    }
    tint = Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=Array([0, 0, 0, 0]), C1=Array([0, 0.8, 0.6, 0.1]), N=1)
    spaces["separation"] = (Array([Name.Separation, Name.Spot, Name.DeviceCMYK, tint]), 255 - GREY)
    for name, (space, samples) in spaces.items():
        page = Page()
        page.put(page.image(samples.tobytes(), WIDTH, HEIGHT, ColorSpace=space, BitsPerComponent=8), WHOLE)
        case(f"space-{name}", page.save(), mean=9)
    page = Page()
    inks = np.asarray(Image.fromarray(PHOTO).convert("CMYK"))
    page.put(page.image(inks.tobytes(), WIDTH, HEIGHT, ColorSpace=Name.DeviceCMYK, BitsPerComponent=8), WHOLE)
    case("space-cmyk", page.save(), mean=12)
    # Adobe's CMYK JPEG holds inverted inks, which the PDF turns back.
    page = Page()
    back = Array([1, 0] * 4)
    page.put(page.image(cmyk_jpeg(inks), WIDTH, HEIGHT, ColorSpace=Name.DeviceCMYK, BitsPerComponent=8,
                        Filter=Name.DCTDecode, Decode=back), WHOLE)
    case("cmyk-jpeg", page.save(), mean=12)
    page = Page()
    small = GREY[:96, :72].copy()
    data = small.tobytes().hex().encode() + b">"
    page.content.append(f"q {PAGE_PT[0]} 0 0 {PAGE_PT[1]} 0 0 cm BI /W 72 /H 96 /BPC 8 /CS /G /F /AHx ID\n"
                        + data.decode() + "\nEI Q")
    case("inline", page.save(), dpi=30, page=np.dstack([small] * 3), mean=0, most=0, said="none")


def boxes():
    def plain(**attributes):
        page = Page(**attributes)
        page.put(grey_image(page, GREY), WHOLE)
        return page

    exact = {"page": np.dstack([GREY] * 3), "mean": 0, "most": 0}
    case("userunit", plain(UserUnit=2).save(), said=150, **exact)
    # The box's left edge cuts a pixel: drawn on the scan's own grid, no letter is smeared (Poppler stretches it).
    cropped = np.dstack([GREY[135:835, 83:583]] * 3)
    case("cropbox", plain(CropBox=Array([20, 30, 140, 198])).save(), page=cropped, mean=0.1)
    for turn in (90, 180, 270, -90, 450):
        page = np.rot90(np.dstack([GREY] * 3), -turn // 90).copy()
        case(f"rotate{turn}", plain(Rotate=turn).save(), page=page, mean=0, most=0)
    turned = np.rot90(np.dstack([GREY] * 3), -1).copy()
    case("rotate90-userunit", plain(Rotate=90, UserUnit=2).save(), page=turned, mean=0, most=0, said=150)
    # Made one pixel a point: no resolution to believe, and none needed.
    page = Page((WIDTH, HEIGHT))
    page.put(grey_image(page, GREY), (0, 0, WIDTH, HEIGHT))
    case("pixel-is-point", page.save(), said=72, **exact)
    page = Page()
    form = page.stream(f"q {PAGE_PT[0]} 0 0 {PAGE_PT[1]} 0 0 cm /Im0 Do Q".encode(), Type=Name.XObject,
                       Subtype=Name.Form, BBox=Array([0, 0, *PAGE_PT]))
    grey_image(page, GREY)
    form.Resources = Dictionary(XObject=Dictionary(Im0=page.images["/Im0"]))
    page.images["/Fm"] = form
    page.content.append("/Fm Do")
    case("form", page.save(), **exact)
    page = Page()
    name = grey_image(page, GREY)
    page.content.append(f"q 0.99996 0.00873 -0.00873 0.99996 1 -1 cm {PAGE_PT[0]} 0 0 {PAGE_PT[1]} 0 0 cm /{name} Do Q")
    case("slanted", page.save(), mean=6)
    layered_pages = plain()
    case("objectstreams", layered_pages.save(object_stream_mode=pikepdf.ObjectStreamMode.generate), **exact)
    case("linearized", plain().save(linearize=True), **exact)
    case("locked-open", plain().save(encryption=pikepdf.Encryption(owner="owner", user="", R=6)), **exact)
    case("locked", plain().save(encryption=pikepdf.Encryption(owner="owner", user="user", R=6)), fault="INT-009")
    data = plain().save(object_stream_mode=pikepdf.ObjectStreamMode.disable)
    broken = data[: data.rindex(b"startxref")] + b"startxref\n99999999\n%%EOF\n"
    case("xref-broken", broken, **exact)
    page = plain()
    page.pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([])))
    page.pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    case("javascript", page.save(), **exact)
    big = Page((14400, 14400))
    big.put(grey_image(big, GREY), (0, 0, 14400, 14400))
    big.content.append("0 g 10 10 4000 4000 re f")
    case("huge", big.save(), dpi=12.45, mean=6, said="none")


def main(*drawers):
    WORK.mkdir(parents=True)
    (OUT / "pages").mkdir()
    for draw in drawers:
        draw()
    for entry in CASES:
        if entry["dpi"] == ["none"]:
            entry["dpi"] = None
    (OUT / "cases.json").write_text(json.dumps(CASES))
    print(len(CASES), "cases")


if __name__ == "__main__":
    main(layers, strips, codings, boxes)
