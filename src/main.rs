//! The thin binary: everything lives in the library.

fn main() -> std::process::ExitCode {
    sohoa::cli::main()
}
