//! A certificate revocation list (RFC 5280, 5): who signed it, what it covers, whom it names.
//!
//! Complete lists of the issuer itself are judged. Delta lists, indirect lists, lists of some
//! reasons only and lists with a critical extension that is not known say nothing here: what
//! they leave open would otherwise read as *not revoked*.

use std::collections::HashMap;
use std::sync::Mutex;

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{
    ID_CE_CRL_DISTRIBUTION_POINTS, ID_CE_CRL_REASONS, ID_CE_DELTA_CRL_INDICATOR,
    ID_CE_INVALIDITY_DATE, ID_CE_ISSUING_DISTRIBUTION_POINT,
};
use der::asn1::GeneralizedTime;
use der::{Decode, Encode};
use time::OffsetDateTime;
use x509_cert::crl::{CertificateList, RevokedCert};
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::crl::IssuingDistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{BasicConstraints, CrlDistributionPoints, CrlReason};
use x509_cert::name::Name;
use x509_cert::time::Time;

use super::path::Issuer;
use super::signed::Signed;
use crate::model::Digest;
use crate::verify::certificate::Cert;

/// id-ce-expiredCertsOnCRL (X.509, 9.5.2.8).
const EXPIRED_CERTS_ON_CRL: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.60");

/// A list that was read.
#[derive(Debug)]
pub struct List {
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// When what it says was known to be so.
    pub this_update: OffsetDateTime,
    /// When the next one was promised.
    pub next_update: Option<OffsetDateTime>,
    issuer: Name,
    scope: Scope,
    /// It still names certificates that expired after this time.
    keeps_expired_since: Option<OffsetDateTime>,
    revoked: HashMap<Vec<u8>, Entry>,
    signed: Signed,
    /// Keys that it was held against already, by their digest: a large list is hashed once.
    checked: Mutex<Vec<(Digest, bool)>>,
}

/// Since when and why a certificate is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Since when: the earlier of revocation and known compromise.
    pub since: OffsetDateTime,
    /// Why (RFC 5280, 5.3.1).
    pub reason: Option<CrlReason>,
}

/// Which certificates a list speaks of.
#[derive(Debug, Default)]
struct Scope {
    /// Why it cannot be judged.
    unjudged: Option<&'static str>,
    only_users: bool,
    only_authorities: bool,
    /// Names of the place it is fetched from; empty where it is for all.
    place: Option<Vec<GeneralName>>,
}

impl List {
    /// Reads a list; `None` where the bytes are none.
    pub fn read(der: &[u8]) -> Option<Self> {
        let signed = Signed::read(der)?;
        let list = CertificateList::from_der(der).ok()?.tbs_cert_list;
        let extensions = list.crl_extensions.unwrap_or_default();
        let since = extensions
            .iter()
            .find(|one| one.extn_id == EXPIRED_CERTS_ON_CRL)
            .and_then(|one| GeneralizedTime::from_der(one.extn_value.as_bytes()).ok());
        let mut scope = Scope::of(&extensions);
        let mut revoked = HashMap::new();
        for one in list.revoked_certificates.unwrap_or_default() {
            let critical = one.crl_entry_extensions.iter().flatten();
            if critical
                .into_iter()
                .any(|extension| extension.critical && extension.extn_id != ID_CE_CRL_REASONS)
            {
                scope.unjudged = Some("an entry has a critical extension that is not known");
            }
            let entry = Entry::of(&one)?;
            revoked.insert(one.serial_number.as_bytes().to_vec(), entry);
        }
        Some(Self {
            sha256: Digest::of(der),
            this_update: moment(list.this_update)?,
            next_update: list.next_update.and_then(moment),
            issuer: list.issuer,
            scope,
            keeps_expired_since: since.and_then(|t| seconds(t.to_unix_duration().as_secs())),
            revoked,
            signed,
            checked: Mutex::default(),
        })
    }

    /// Why this list may not speak of a certificate of this issuer; `None` where it may.
    pub fn refusal(&self, cert: &Cert, issuer: &Issuer<'_>) -> Option<&'static str> {
        match () {
            () if self.issuer != *issuer.name() => Some("a list of another issuer"),
            () if self.scope.unjudged.is_some() => self.scope.unjudged,
            () if !self.scope.speaks_of(cert) => Some("a list of other certificates"),
            () if !issuer.may_sign_lists() => Some("its issuer may not sign lists"),
            () if !self.is_signed_by(issuer) => Some("the list's signature does not hold"),
            () => None,
        }
    }

    /// Since when and why the certificate is revoked; `None` where the list does not name it.
    pub fn entry(&self, cert: &Cert) -> Option<Entry> {
        let serial = cert.body.tbs_certificate.serial_number.as_bytes();
        self.revoked.get(serial).copied()
    }

    /// True where a certificate that ended then would still be named.
    pub fn keeps(&self, ended: OffsetDateTime) -> bool {
        ended >= self.this_update || self.keeps_expired_since.is_some_and(|since| since <= ended)
    }

    fn is_signed_by(&self, issuer: &Issuer<'_>) -> bool {
        let key = Digest::of(&issuer.key().to_der().unwrap_or_default());
        let mut checked = self.checked.lock().unwrap_or_else(|held| held.into_inner());
        if let Some((_, held)) = checked.iter().find(|(one, _)| *one == key) {
            return *held;
        }
        let holds = self.signed.holds_under(issuer.key());
        if checked.len() < 16 {
            checked.push((key, holds));
        }
        holds
    }
}

impl Entry {
    fn of(revoked: &RevokedCert) -> Option<Self> {
        let since = moment(revoked.revocation_date)?;
        let extensions = revoked.crl_entry_extensions.as_deref().unwrap_or_default();
        let value = |oid| {
            let mut found = extensions.iter().filter(move |one| one.extn_id == oid);
            found.next().map(|one| one.extn_value.as_bytes())
        };
        let reason = value(ID_CE_CRL_REASONS).and_then(|der| CrlReason::from_der(der).ok());
        let compromised = value(ID_CE_INVALIDITY_DATE)
            .and_then(|der| GeneralizedTime::from_der(der).ok())
            .and_then(|time| seconds(time.to_unix_duration().as_secs()));
        let since = compromised.map_or(since, |compromised| since.min(compromised));
        Some(Self { since, reason })
    }
}

impl Scope {
    fn of(extensions: &Extensions) -> Self {
        let mut scope = Self::default();
        for extension in extensions {
            match extension.extn_id {
                ID_CE_DELTA_CRL_INDICATOR => scope.unjudged = Some("a delta list"),
                ID_CE_ISSUING_DISTRIBUTION_POINT => {
                    let point = IssuingDistributionPoint::from_der(extension.extn_value.as_bytes());
                    match point {
                        Ok(point) => scope.narrow(point),
                        Err(_) => scope.unjudged = Some("a list whose scope cannot be read"),
                    }
                }
                _ if extension.critical && extension.extn_id != EXPIRED_CERTS_ON_CRL => {
                    scope.unjudged = Some("a list with a critical extension that is not known");
                }
                _ => {}
            }
        }
        scope
    }

    fn narrow(&mut self, point: IssuingDistributionPoint) {
        if point.indirect_crl {
            self.unjudged = Some("an indirect list");
        } else if point.only_some_reasons.is_some() {
            self.unjudged = Some("a list of some reasons only");
        } else if point.only_contains_attribute_certs {
            self.unjudged = Some("a list of attribute certificates");
        }
        self.only_users = point.only_contains_user_certs;
        self.only_authorities = point.only_contains_ca_certs;
        self.place = point.distribution_point.map(|place| match place {
            DistributionPointName::FullName(names) => names,
            // A name below the issuer's: compared with nothing, so it fits no certificate.
            DistributionPointName::NameRelativeToCRLIssuer(_) => Vec::new(),
        });
    }

    fn speaks_of(&self, cert: &Cert) -> bool {
        let body = &cert.body.tbs_certificate;
        let constraints = body.get::<BasicConstraints>();
        let is_authority = constraints.is_ok_and(|found| found.is_some_and(|(_, found)| found.ca));
        let of_kind = !(self.only_users && is_authority || self.only_authorities && !is_authority);
        let here = self.place.as_ref().is_none_or(|names| {
            let points = body.extensions.iter().flatten();
            let mut points = points.filter(|one| one.extn_id == ID_CE_CRL_DISTRIBUTION_POINTS);
            let points = points.next().map(|one| one.extn_value.as_bytes());
            let points = points.and_then(|der| CrlDistributionPoints::from_der(der).ok());
            let mut said = points.iter().flat_map(|points| &points.0);
            said.any(|point| match &point.distribution_point {
                Some(DistributionPointName::FullName(said)) => {
                    said.iter().any(|name| names.contains(name))
                }
                _ => false,
            })
        });
        of_kind && here
    }
}

/// A time of X.509.
pub fn moment(time: Time) -> Option<OffsetDateTime> {
    seconds(time.to_unix_duration().as_secs())
}

/// A time in seconds since 1970.
pub fn seconds(seconds: u64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).ok()?).ok()
}
