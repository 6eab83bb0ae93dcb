//! Lets libtesseract see our `pixWriteMem` (tesseract/src/line_images.rs says why).

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_OCR").is_some() {
        println!("cargo:rustc-link-arg=-Wl,--export-dynamic-symbol=pixWriteMem");
    }
}
