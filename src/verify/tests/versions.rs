//! Packages of other versions (docs/manifest.md, "Compatibility"): what they lack or have more is no
//! harm, another `v` is refused by whoever reads on.

use super::sample::{AT, Sample, pki, sample, trust};
use super::*;
use crate::formats::jws;
use crate::model::Digest;
use crate::verify::delivery::{Delivery, Ended};

/// The sample with each line as another program might have written it, and all that follows.
fn with_lines(change: impl Fn(&str) -> String) -> Sample {
    let mut sample = sample();
    let text = String::from_utf8(sample.file("manifest.jsonl").clone()).expect("UTF-8");
    let mut lines = String::new();
    for line in text.split_inclusive('\n') {
        let changed = change(line);
        for bytes in sample.files.values_mut() {
            if bytes == line.as_bytes() {
                *bytes = changed.clone().into_bytes();
            }
        }
        lines += &changed;
    }
    let mut header = sample.header();
    header.manifest.sha256 = Digest::of(lines.as_bytes());
    *sample.file("manifest.jsonl") = lines.into_bytes();
    sample.put_header(&header);
    sample
}

/// The sample with a header as another program might have written and signed it.
fn with_header(change: impl Fn(String) -> String) -> Sample {
    let mut sample = sample();
    let text = String::from_utf8(sample.file("batch.json").clone()).expect("UTF-8");
    let changed = change(text).into_bytes();
    let token = jws::sign(&changed, &pki().signer).expect("signs");
    *sample.file("batch.jws") = token.into_bytes();
    *sample.file("batch.json") = changed;
    sample
}

/// Packaged dossiers that are read on, or the finding that ends the reading.
fn read_on(sample: &Sample) -> Result<u32, Finding> {
    let out = tempfile::tempdir().expect("temp folder");
    sample.write(out.path());
    let opened = Delivery::open(out.path(), &trust(), AT);
    let delivery = opened.map_err(|findings| findings[0].clone())?;
    let mut dossiers = 0;
    let done = delivery.each(|_| {
        dossiers += 1;
        Ok::<_, std::convert::Infallible>(())
    });
    match done {
        Ok(()) => Ok(dossiers),
        Err(Ended::Unfit(finding)) => Err(*finding),
        Err(Ended::Reader(never)) => match never {},
    }
}

#[test]
fn fields_that_a_later_program_added_are_passed_over_and_told() {
    let more = |text: &str| text.replacen("{\"v\":1,", "{\"v\":1,\"added\":{\"by\":[2]},", 1);
    let line = with_lines(more);
    let header = with_header(|text| text.replacen('{', "{ \"added\": [\"later\"],", 1));
    for sample in [line, header] {
        let report = sample.verify();
        assert_eq!(codes(&report), ["V40"].into(), "{:#?}", report.findings);
        assert_eq!(report.verdict, Verdict::Indeterminate);
        // Everything that is known was judged all the same.
        assert_eq!(report.counts, super::sample().verify().counts);
        let valid = |file: &FileReport| file.verdict == Verdict::Valid;
        assert!(report.files.iter().all(valid));
        assert_eq!(read_on(&sample), Ok(2));
    }
}

#[test]
fn a_line_that_lacks_what_was_added_later_is_whole() {
    // An earlier program knew none of these.
    let sample = sample();
    let text = String::from_utf8_lossy(&sample.files["manifest.jsonl"]).into_owned();
    for later in [
        "\"paper\"",
        "\"same_sheet_as\"",
        "\"containers\"",
        "\"looked_at_by\"",
    ] {
        assert!(!text.contains(later), "{later}");
    }
    assert_eq!(sample.verify().verdict, Verdict::Valid);
    assert_eq!(read_on(&sample), Ok(2));
}

#[test]
fn another_version_is_not_read_on_and_is_told_by_its_number() {
    let line = with_lines(|text| text.replacen("{\"v\":1,", "{\"v\":2,", 1));
    let header = with_header(|text| text.replacen("\"v\": 1", "\"v\": 2", 1));
    for (sample, place) in [(line, "manifest.jsonl"), (header, "batch.json")] {
        let report = sample.verify();
        assert_eq!(codes(&report), ["V40"].into(), "{:#?}", report.findings);
        assert_eq!(report.verdict, Verdict::Indeterminate);
        let refused = read_on(&sample).expect_err("another version");
        let told = (
            refused.code.id(),
            &*refused.place.path,
            &*refused.params["version"],
        );
        assert_eq!(told, ("V40", place, "2"));
    }
}
