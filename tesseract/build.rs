//! Finds the system's libtesseract and leptonica with pkg-config, and says what to install where they are not.

use std::process::ExitCode;

/// Each library with its name for pkg-config and the oldest version whose C functions we call.
const LIBRARIES: &[(&str, &str)] = &[("tesseract", "5.0.0"), ("lept", "1.79.0")];

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    for (library, oldest) in LIBRARIES {
        // The flags are ours: Debian's file for libtesseract names libcurl and libarchive too, which nothing
        // here calls.
        let found = pkg_config::Config::new()
            .atleast_version(oldest)
            .cargo_metadata(false)
            .probe(library);
        match found {
            Ok(found) => {
                for folder in found.link_paths {
                    println!("cargo::rustc-link-search=native={}", folder.display());
                }
            }
            Err(cause) => return missing(library, oldest, &cause),
        }
    }
    println!("cargo::rustc-link-lib=tesseract");
    println!("cargo::rustc-link-lib=lept");
    println!("cargo::rustc-link-lib=gomp");
    ExitCode::SUCCESS
}

fn missing(library: &str, oldest: &str, cause: &pkg_config::Error) -> ExitCode {
    println!(
        "cargo::error=Thiếu thư viện {library} từ bản {oldest}: apt-get install pkg-config libtesseract-dev \
         libleptonica-dev, hoặc biên dịch với --no-default-features (không nhận dạng)."
    );
    println!(
        "cargo::error=The library {library}, version {oldest} or later, is missing: apt-get install pkg-config \
         libtesseract-dev libleptonica-dev, or build with --no-default-features (no recognition)."
    );
    for line in cause.to_string().lines() {
        println!("cargo::warning={line}");
    }
    ExitCode::FAILURE
}
