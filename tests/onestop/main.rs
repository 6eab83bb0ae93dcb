//! What passes between the digitized package and the one-stop system, in one binary.

#[path = "../authority/mod.rs"]
mod authority;
#[allow(dead_code, reason = "the promises of tests/suite use the rest of it")]
#[path = "../suite/chance.rs"]
mod chance;
#[allow(dead_code, reason = "the promises of tests/suite use the rest of it")]
#[path = "../suite/faults/mod.rs"]
mod faults;
#[path = "../keys/mod.rs"]
mod keys;
#[allow(dead_code, reason = "the judges of tests/judges use the rest of it")]
#[path = "../judges/verify/package.rs"]
mod one_document;
#[allow(dead_code, reason = "the promises of tests/suite use the rest of it")]
#[path = "../suite/support.rs"]
mod support;
#[path = "../tls_servers/mod.rs"]
mod tls_servers;

mod browser;
mod databases;
mod deliveries;
mod export;
mod export_kept;
mod full_disk;
mod import;
mod long_delivery;
mod manifest;
mod measured;
mod million;
mod pack;
mod papers;
mod rates;
mod recount;
mod registered;
mod report;
mod tls;
mod way;
