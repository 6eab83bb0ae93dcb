//! The sRGB profile of the output intent, computed from IEC 61966-2-1.
//!
//! Made here, so nobody's licence hangs on it: an ICC.1:2001-04 (version 2.4)
//! display profile of three colorants (the sRGB primaries adapted to D50 with
//! Bradford's matrix) and one tone curve of 256 points. 956 bytes.

/// Colorants and white in D50, as `s15Fixed16Number` are made from them.
const WHITE: [f64; 3] = [0.9642, 1.0, 0.8249];
const RED: [f64; 3] = [0.436_074_7, 0.222_504_5, 0.013_932_2];
const GREEN: [f64; 3] = [0.385_064_9, 0.716_878_6, 0.097_104_5];
const BLUE: [f64; 3] = [0.143_080_4, 0.060_616_9, 0.714_173_3];

const HEADER_BYTES: usize = 128;
const TAG_ENTRY_BYTES: usize = 12;

/// The profile's bytes, always the same.
pub(super) fn srgb_profile() -> Vec<u8> {
    let elements = [
        (&["desc"][..], description("sRGB IEC61966-2.1")),
        (&["cprt"], text("Public domain (CC0)")),
        (&["wtpt"], xyz(WHITE)),
        (&["rXYZ"], xyz(RED)),
        (&["gXYZ"], xyz(GREEN)),
        (&["bXYZ"], xyz(BLUE)),
        (&["rTRC", "gTRC", "bTRC"], tone_curve()),
    ];
    let tag_count: usize = elements.iter().map(|(tags, _)| tags.len()).sum();
    let data_at = HEADER_BYTES + 4 + tag_count * TAG_ENTRY_BYTES;
    let mut table = (tag_count as u32).to_be_bytes().to_vec();
    let mut data = Vec::new();
    for (tags, element) in &elements {
        for tag in *tags {
            table.extend_from_slice(tag.as_bytes());
            table.extend_from_slice(&((data_at + data.len()) as u32).to_be_bytes());
            table.extend_from_slice(&(element.len() as u32).to_be_bytes());
        }
        data.extend_from_slice(element);
        // Elements begin at multiples of four (ICC.1, 7.3.1).
        data.resize(data.len().next_multiple_of(4), 0);
    }
    let mut profile = header((data_at + data.len()) as u32);
    profile.extend(table);
    profile.extend(data);
    profile
}

/// ICC.1:2001-04, 6.1. The date is that of the standard's publication, so that it never changes.
fn header(profile_bytes: u32) -> Vec<u8> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    header.extend_from_slice(&profile_bytes.to_be_bytes());
    header.extend_from_slice(&[0; 4]); // preferred module: none
    header.extend_from_slice(&0x0240_0000u32.to_be_bytes());
    header.extend_from_slice(b"mntrRGB XYZ ");
    for part in [1999u16, 10, 18, 0, 0, 0] {
        header.extend_from_slice(&part.to_be_bytes());
    }
    header.extend_from_slice(b"acsp");
    // Platform, flags, device maker, model and attributes: none. Intent: perceptual.
    header.resize(68, 0);
    WHITE
        .iter()
        .for_each(|value| header.extend_from_slice(&fixed(*value)));
    header.resize(HEADER_BYTES, 0);
    header
}

fn fixed(value: f64) -> [u8; 4] {
    ((value * 65536.0).round() as i32).to_be_bytes()
}

fn xyz(values: [f64; 3]) -> Vec<u8> {
    let mut element = b"XYZ \0\0\0\0".to_vec();
    values
        .iter()
        .for_each(|value| element.extend_from_slice(&fixed(*value)));
    element
}

fn text(words: &str) -> Vec<u8> {
    [b"text\0\0\0\0", words.as_bytes(), b"\0"].concat()
}

/// `textDescriptionType` (6.5.17): ASCII only, with empty Unicode and Macintosh parts.
fn description(words: &str) -> Vec<u8> {
    let count = (words.len() as u32 + 1).to_be_bytes();
    let empty_parts = [0; 4 + 4 + 2 + 1 + 67];
    [
        b"desc\0\0\0\0",
        &count[..],
        words.as_bytes(),
        b"\0",
        &empty_parts,
    ]
    .concat()
}

/// The transfer function of IEC 61966-2-1, sampled.
fn tone_curve() -> Vec<u8> {
    let mut element = b"curv\0\0\0\0".to_vec();
    element.extend_from_slice(&256u32.to_be_bytes());
    for step in 0..256 {
        let encoded = f64::from(step) / 255.0;
        let linear = if encoded <= 0.040_45 {
            encoded / 12.92
        } else {
            ((encoded + 0.055) / 1.055).powf(2.4)
        };
        element.extend_from_slice(&((linear * 65535.0).round() as u16).to_be_bytes());
    }
    element
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_is_as_long_as_it_says_and_its_tags_lie_inside() {
        let profile = srgb_profile();
        let word = |at: usize| {
            u32::from_be_bytes(*profile[at..].first_chunk().expect("inside the profile")) as usize
        };
        assert_eq!(word(0), profile.len());
        for tag in 0..word(HEADER_BYTES) {
            let entry = HEADER_BYTES + 4 + tag * TAG_ENTRY_BYTES;
            assert_eq!(word(entry + 4) % 4, 0);
            assert!(word(entry + 4) + word(entry + 8) <= profile.len());
        }
    }

    #[test]
    fn the_colorants_add_up_to_the_white() {
        for axis in 0..3 {
            let sum = RED[axis] + GREEN[axis] + BLUE[axis];
            assert!((sum - WHITE[axis]).abs() < 5e-4, "axis {axis}: {sum}");
        }
    }

    #[test]
    fn the_curve_ends_at_black_and_white() {
        let curve = tone_curve();
        assert_eq!(curve[12..14], [0, 0]);
        assert_eq!(curve[curve.len() - 2..], [0xFF, 0xFF]);
    }
}
