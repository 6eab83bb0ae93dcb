# shellcheck shell=bash
# shellcheck disable=SC2034  # used by the scripts that source this file
# Which Debian 12 packages serve what. Sourced, not run.

# To compile and link the program (cmake: the barcode reader zxing-cpp is built from source);
# ca-certificates, so that cargo may fetch the crates.
BUILD_PACKAGES=(g++ make cmake pkg-config ca-certificates libtesseract-dev libleptonica-dev)
# To run it: the Vietnamese model and the one that knows a page's orientation.
RUN_PACKAGES=(tesseract-ocr tesseract-ocr-vie tesseract-ocr-osd)
# To make keys and certificates for demonstrations and tests.
PKI_PACKAGES=(openssl)
# To draw fixtures. Not fonts-liberation: its 1.x has no Vietnamese letters.
FIXTURE_PACKAGES=(
    python3 python3-venv qpdf
    fonts-croscore fonts-liberation2 fonts-noto-core fonts-dejavu-core fonts-freefont-ttf
)
# The foreign judges of what the program writes, and of these scripts. A JDK, since EU DSS is a library:
# the few lines that call it (tests/judges/dss) are compiled when they run. postgresql: the receiver's database
# in tests/onestop, which start a server of their own.
JUDGE_PACKAGES=(qpdf poppler-utils mupdf-tools openssl default-jdk-headless shellcheck libtiff-tools libjpeg-turbo-progs libopenjp2-tools golang-go
    softhsm2 opensc postgresql chromium)
# Maven is only how veraPDF and EU DSS are fetched, once; the judges themselves run on Java alone.
FETCH_PACKAGES=(maven)
# npm is only how axe-core is fetched, once; chromium runs it.
FETCH_AXE_PACKAGES=(npm)
# To compile for AArch64 and run that here.
AARCH64_PACKAGES=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user)
# What OCRmyPDF needs for its PDF/A, beside which the program is measured.
BENCH_PACKAGES=(ghostscript poppler-utils)
