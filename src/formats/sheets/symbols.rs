//! The symbols of a sheet as what is to be inked: squares of a QR, bars of a Code 128.

use zxingcpp::BarcodeFormat;

use crate::formats::barcode::judge::SHEET_PREFIX;
use crate::model::DossierCode;

/// A symbol in modules, its smallest squares.
pub struct Modules {
    /// Modules across.
    pub across: usize,
    /// Modules down; one for bars.
    pub down: usize,
    dark: Vec<bool>,
}

impl Modules {
    /// The QR of a sheet, of the level that is read with a third of it torn off.
    pub fn qr(code: &DossierCode) -> Self {
        let image = made(
            BarcodeFormat::QRCode,
            &format!("{SHEET_PREFIX}{code}"),
            "ecLevel=H",
        );
        let (across, down) = (image.width() as usize, image.height() as usize);
        Self {
            across,
            down,
            dark: image.data().iter().map(|value| *value == 0).collect(),
        }
    }

    /// The Code 128 of a sheet.
    pub fn code_128(code: &DossierCode) -> Self {
        let image = made(BarcodeFormat::Code128, code.as_str(), "");
        let across = image.width() as usize;
        // Every row shows the same bars.
        let row = image.data().into_iter().take(across);
        Self {
            across,
            down: 1,
            dark: row.map(|value| value == 0).collect(),
        }
    }

    /// Dark stretches: first module across, module down, modules long.
    pub fn dark_runs(&self) -> Vec<(usize, usize, usize)> {
        let mut runs = Vec::new();
        for (down, row) in self.dark.chunks_exact(self.across).enumerate() {
            let mut across = 0;
            for run in row.chunk_by(|left, right| left == right) {
                if run[0] {
                    runs.push((across, down, run.len()));
                }
                across += run.len();
            }
        }
        runs
    }
}

/// A symbol drawn with one pixel a module and nothing around it.
fn made(format: BarcodeFormat, text: &str, options: &str) -> zxingcpp::Image {
    let drawn = zxingcpp::create(format)
        .options(options)
        .from_str(text)
        .and_then(|symbol| {
            let plain = zxingcpp::write()
                .scale(1)
                .add_quiet_zones(false)
                .add_hrt(false);
            symbol.to_image_with(&plain)
        });
    drawn.expect("a dossier code is a few dozen plain letters, which every symbol here takes")
}
