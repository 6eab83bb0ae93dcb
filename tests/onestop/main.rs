//! What passes between the digitized package and the one-stop system, in one binary.

#[allow(dead_code, reason = "the promises of tests/suite use the rest of it")]
#[path = "../suite/chance.rs"]
mod chance;
#[path = "../keys/mod.rs"]
mod keys;
#[allow(dead_code, reason = "the judges of tests/judges use the rest of it")]
#[path = "../judges/verify/package.rs"]
mod one_document;
#[allow(dead_code, reason = "the promises of tests/suite use the rest of it")]
#[path = "../suite/support.rs"]
mod support;

mod browser;
mod databases;
mod deliveries;
mod export;
mod import;
mod manifest;
mod million;
mod nights;
mod pack;
mod rates;
mod report;
