//! Debian's chromium without a window: what a page looks like, how it prints, and what axe-core says of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::root;

/// Where scripts/test puts axe-core.
fn axe() -> String {
    let path = std::env::var_os("SOHOA_AXE").map(PathBuf::from);
    let path = path.unwrap_or_else(|| root().join("scripts/.tools/axe-core/axe.min.js"));
    fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; scripts/test fetches axe-core", path.display())
    })
}

/// Opens a page in a browser with a home of its own, and gives what it prints.
fn chromium(page: &Path, switches: &[String]) -> String {
    let home = tempfile::tempdir().expect("a folder");
    let output = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
        ])
        .args([
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--virtual-time-budget=20000",
        ])
        .arg(format!("--user-data-dir={}", home.path().display()))
        .args(switches)
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("chromium is installed (scripts/test)");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The page as a picture of this size.
pub fn screenshot(page: &Path, picture: &Path, width_px: u32, height_px: u32) -> image::RgbImage {
    let switches = [
        format!("--screenshot={}", picture.display()),
        format!("--window-size={width_px},{height_px}"),
        "--hide-scrollbars".to_owned(),
    ];
    chromium(page, &switches);
    image::open(picture).expect("a picture").into_rgb8()
}

/// The page printed.
pub fn print_to(page: &Path, pdf: &Path) {
    let switches = [
        format!("--print-to-pdf={}", pdf.display()),
        "--no-pdf-header-footer".to_owned(),
    ];
    chromium(page, &switches);
}

/// The page printed; gives its sheets' sizes in points.
pub fn print(page: &Path, pdf: &Path) -> Vec<(f32, f32)> {
    print_to(page, pdf);
    let printed = lopdf::Document::load(pdf).expect("a PDF");
    let sheets = printed.get_pages().into_values().map(|id| {
        let sheet = printed.get_dictionary(id).expect("a page");
        let bounds = sheet.get(b"MediaBox").and_then(|bounds| bounds.as_array());
        let bounds = bounds.expect("a size");
        let side = |at: usize| bounds[at].as_float().expect("a number");
        (side(2) - side(0), side(3) - side(1))
    });
    sheets.collect()
}

/// What axe-core finds on the page: rule, impact and the first places, as one line each.
///
/// The page's own policy allows no script, so a copy without it is judged; nothing else differs.
pub fn barriers(page: &Path) -> Vec<String> {
    let html = fs::read_to_string(page).expect("a page");
    let policy = html
        .find("<meta http-equiv=\"Content-Security-Policy\"")
        .expect("a policy");
    let end = policy + html[policy..].find('>').expect("its end") + 1;
    let asking = "axe.run(document,{resultTypes:['violations']}).then(r=>{const p=document.createElement('pre');\
        p.id='axe-said';p.textContent=JSON.stringify({n:r.passes.length,v:r.violations.map(v=>[v.id,v.impact,v.nodes.slice(0,3).map(n=>n.html)])});\
        document.body.append(p)})";
    let copy = format!(
        "{}{}<script>{}</script><script>{asking}</script>",
        &html[..policy],
        &html[end..],
        axe(),
    );
    let folder = tempfile::tempdir().expect("a folder");
    let judged = folder.path().join("page.html");
    fs::write(&judged, copy).expect("writes");
    let dom = chromium(&judged, &["--dump-dom".to_owned()]);
    let said = dom.split("<pre id=\"axe-said\">").nth(1).expect("axe ran");
    let said = said.split("</pre>").next().expect("an end");
    let said = said
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    let said: Value = serde_json::from_str(&said).expect("JSON");
    assert!(
        said["n"].as_u64() > Some(10),
        "axe judged hardly anything: {said}"
    );
    let violations = said["v"].as_array().expect("a list");
    violations.iter().map(Value::to_string).collect()
}
