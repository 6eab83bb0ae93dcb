//! Lets libtesseract see our `pixWriteMem` (src/stages/recognize/ffi.rs says why).

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_OCR").is_some() {
        println!("cargo:rustc-link-arg=-Wl,--export-dynamic-symbol=pixWriteMem");
    }
}
