//! Layered scans of a real JBIG2 encoder: dictionaries that pages share, refined symbols, stencils.

use std::fs;
use std::path::Path;

use jbig2enc_rust::jbig2enc::{Jbig2Encoder, PdfSplitOutput};
use jbig2enc_rust::{Array2, Jbig2Config};
use sohoa::formats::raster::tiff;

use super::scans::judge_all;
use super::tools::{root, write};

/// Five bilevel A4 pages of 300 dpi; the first three are coded.
const SCAN: &str = "fixtures/dossiers/H10.18-230401-0061/tai lieu.tif";
/// Region segments that hold refined symbols say so in a flag of theirs (T.88, 7.4.3.1.1).
const REFINED: u16 = 2;

/// The pages, 1 where they are black.
fn pages(scan: &[u8]) -> Vec<Array2<u8>> {
    let page = |number| {
        let page = tiff::decode(scan, number, 1 << 24).expect("a sound fixture");
        let (width_px, height_px) = page.raster.pixels.size();
        let ink = page
            .raster
            .pixels
            .luma()
            .iter()
            .map(|&v| u8::from(v == 0))
            .collect();
        Array2::from_shape_vec((height_px as usize, width_px as usize), ink).expect("of this size")
    };
    (0..3).map(page).collect()
}

fn encoded(pages: &[Array2<u8>], mut preset: Jbig2Config) -> PdfSplitOutput {
    // PDF takes the segments bare (ISO 32000-1, 7.4.7).
    preset.want_full_headers = false;
    let mut encoder = Jbig2Encoder::new(&preset);
    for page in pages {
        encoder
            .add_page(page)
            .expect("a page of the encoder's taste");
    }
    encoder.flush_pdf_split().expect("encoded")
}

/// The flags of the text region that follows the page's own 30 bytes, if one does.
fn text_region_flags(stream: &[u8]) -> Option<u16> {
    let header = stream.get(30..)?;
    let (kind, referred) = (header[4] & 0x3F, usize::from(header[5] >> 5));
    // Segments refer to others by one byte each here; the region's place and size take 17.
    let flags = &header[6 + referred + 1 + 4 + 17..][..2];
    matches!(kind, 4 | 6 | 7).then(|| u16::from_be_bytes([flags[0], flags[1]]))
}

fn encode(folder: &Path) {
    let scan = fs::read(root().join(SCAN)).expect("a fixture of the repository");
    let pages = pages(&scan);
    let mut lossy = Jbig2Config::text();
    (lossy.refine, lossy.text_refine) = (true, true);
    let presets = [
        ("generic", Jbig2Config::generic()),
        ("symbols", Jbig2Config::text_lossless()),
        ("refined", Jbig2Config::text_lossless_max_compression()),
        ("lossy", lossy),
    ];
    for (name, preset) in presets {
        let coded = encoded(&pages, preset);
        let refined = matches!(name, "refined" | "lossy");
        for (number, stream) in coded.page_streams.iter().enumerate() {
            let flags = text_region_flags(stream);
            assert!(
                !refined || flags.is_some_and(|f| f & REFINED != 0),
                "{name}: {flags:?}"
            );
            write(folder, &format!("{name}-{number}.jb2"), stream);
        }
        assert_eq!(coded.global_segments.is_some(), name != "generic", "{name}");
        if let Some(shared) = &coded.global_segments {
            write(folder, &format!("{name}.globals"), shared);
        }
    }
    write(folder, "scan.tif", &scan);
}

#[test]
fn jbig2_of_a_real_encoder_is_read_alone_and_in_layers() {
    judge_all("jbig2_pdfs.py", |folder| {
        let streams = folder.join("jbig2");
        fs::create_dir(&streams).expect("a folder for the streams");
        encode(&streams);
    });
}
