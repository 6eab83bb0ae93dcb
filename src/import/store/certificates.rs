//! Which certificate of a PostgreSQL server is taken: as the `sslmode` of its address says.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, SignatureScheme,
};

use super::address::SslMode;
use crate::formats::tls::{self, Roots, TlsFault};
use crate::formats::x509::Certificate;

/// A client for a server of this mode; roots are asked for only where certificates are judged.
pub(super) fn client(
    mode: SslMode,
    roots: impl FnOnce() -> Result<Roots, TlsFault>,
) -> Result<ClientConfig, TlsFault> {
    let provider = tls::provider();
    let judge = match mode {
        SslMode::Disable | SslMode::Prefer => None,
        SslMode::Require | SslMode::VerifyFull => {
            Some(Judge::of(roots()?, mode == SslMode::VerifyFull, &provider))
        }
    };
    let verifier = Verifier {
        judge,
        provider: Arc::clone(&provider),
    };
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has the suites of TLS 1.2 and 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

/// Judges certificates, or takes any: `prefer`, which is for this machine alone (`Address::read`).
#[derive(Debug)]
struct Verifier {
    judge: Option<Judge>,
    provider: Arc<CryptoProvider>,
}

/// Judges by roots.
#[derive(Debug)]
struct Judge {
    paths: Arc<WebPkiServerVerifier>,
    roots: Roots,
    names: bool,
}

impl Judge {
    fn of(roots: Roots, names: bool, provider: &Arc<CryptoProvider>) -> Self {
        let paths =
            WebPkiServerVerifier::builder_with_provider(roots.store(), Arc::clone(provider));
        Self {
            paths: paths
                .build()
                .expect("there are roots and no revocation lists"),
            roots,
            names,
        }
    }

    fn judge(
        &self,
        shown: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        // PostgreSQL's handbook makes a certificate that is its own authority and hands it to the clients. webpki
        // takes no authority for a server; whoever names this very certificate as a root has vouched for it.
        if self.roots.ders().any(|root| root == shown.as_ref()) {
            holds(shown, now)?;
            return match self.names {
                true => verify_server_name(&ParsedCertificate::try_from(shown)?, name),
                false => Ok(()),
            };
        }
        match self.paths.verify_server_cert(shown, above, name, &[], now) {
            // The name is looked at last, behind a path that holds.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.names => Ok(()),
            judged => judged.map(drop),
        }
    }
}

/// Refuses a certificate that does not hold now.
fn holds(shown: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let certificate = Certificate::read(shown)
        .map_err(|fault| CertificateError::Other(OtherError(Arc::new(fault))))?;
    let validity = certificate
        .validity()
        .ok_or(CertificateError::BadEncoding)?;
    let moment = |at: time::OffsetDateTime| {
        let seconds = u64::try_from(at.unix_timestamp()).unwrap_or_default();
        UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
    };
    let (not_before, not_after) = (moment(validity.not_before), moment(validity.not_after));
    if now < not_before {
        return Err(CertificateError::NotValidYetContext {
            time: now,
            not_before,
        }
        .into());
    }
    if now > not_after {
        return Err(CertificateError::ExpiredContext {
            time: now,
            not_after,
        }
        .into());
    }
    Ok(())
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(judge) = &self.judge {
            judge.judge(shown, above, name, now)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}
