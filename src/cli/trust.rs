//! Whom to trust, as a command line says it: roots, certificates between, lists, answers.

use std::path::PathBuf;

use super::{Exit, say, usage};
use crate::messages::Language;
use crate::model::Digest;
use crate::report::TrustGiven;
use crate::verify::Trust;

/// The files of trust.
#[derive(clap::Args)]
pub struct TrustArguments {
    /// Chứng thư gốc được tin cậy, PEM hoặc DER; PEM thì lặp lại được · Trusted roots; PEM may be repeated
    #[arg(long, value_name = "TỆP", env = "SOHOA_TRUST")]
    trust: Vec<PathBuf>,

    /// Chứng thư trung gian, PEM hoặc DER · Intermediate certificates, PEM or DER
    #[arg(long, value_name = "TỆP")]
    chain: Option<PathBuf>,

    /// Danh sách thu hồi, PEM hoặc DER; lặp lại được · A revocation list; may be repeated
    #[arg(long, value_name = "TỆP")]
    crl: Vec<PathBuf>,

    /// Trả lời OCSP, DER; lặp lại được · An OCSP response; may be repeated
    #[arg(long, value_name = "TỆP")]
    ocsp: Vec<PathBuf>,
}

impl TrustArguments {
    /// Reads them all; what cannot be read or used is told. Without roots nobody is trusted.
    pub fn read(&self, language: Language) -> Result<Trust, Exit> {
        Ok(self.read_and_tell(language)?.0)
    }

    /// The same, and what reports tell of it.
    pub fn read_and_tell(&self, language: Language) -> Result<(Trust, TrustGiven), Exit> {
        let read = |file: &PathBuf| {
            std::fs::read(file).map_err(|cause| usage::unreadable(file, &cause, language))
        };
        let all = |files: &[PathBuf]| files.iter().map(read).collect::<Result<Vec<_>, _>>();
        // PEM texts one after the other are one PEM text.
        let roots = all(&self.trust)?.join(&b'\n');
        let chain = self.chain.as_ref().map(read).transpose()?;
        let (crls, ocsp) = (all(&self.crl)?, all(&self.ocsp)?);
        let trust = match self.trust.is_empty() {
            true => Ok(Trust::none()),
            false => Trust::from_pem(&roots, &chain.unwrap_or_default()),
        };
        let trust = trust.and_then(|trust| trust.with_crls(crls)?.with_ocsp(ocsp));
        let trust = trust.map_err(|fault| {
            say::fault(&fault, &self.shown(), language);
            Exit::Usage
        })?;
        let is_given = !self.trust.is_empty();
        let given = TrustGiven {
            file: is_given.then(|| self.shown()),
            sha256: is_given.then(|| Digest::of(&roots)),
            roots: trust.roots(),
            revocation_files: trust.revocation_files(),
        };
        Ok((trust, given))
    }

    /// The files of the roots.
    fn shown(&self) -> String {
        let shown = self.trust.iter().map(|file| file.display().to_string());
        shown.collect::<Vec<_>>().join(", ")
    }
}
