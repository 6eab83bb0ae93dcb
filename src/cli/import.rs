//! `sohoa import`: a delivery, or bundles of it, into the receiver's database; a receipt for each dossier.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::trust::TrustArguments;
use super::usage::{UsageFault, unreadable};
use super::{Exit, clock, findings, numbers, say, secret};
use crate::import::bundle::{self, Bundle, BundleFault};
use crate::import::receipts::{
    RECEIPT_VERSION, ReceiptLine, ReceiptReason, ReceiptVerdict, RefusedLine, SummaryLine,
};
use crate::import::{
    self, ACCEPTABLE, Gate, ImportFault, KnownUnits, RefusedDelivery, Store, Sums, UnitsFault,
    Verified,
};
use crate::messages::{self, Language};
use crate::verify::{Finding, Trust};

/// Findings that a receipts file tells of a refused delivery.
const FINDINGS_TOLD: usize = 100;

/// Arguments of `sohoa import`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Gói kết quả của `sohoa run`, hoặc thư mục các gói nhỏ của `sohoa pack` ·
    /// A package of `sohoa run`, or a folder of bundles of `sohoa pack`
    #[arg(value_name = "GÓI")]
    path: PathBuf,

    /// Cơ sở dữ liệu: đường dẫn tệp SQLite, hoặc postgres://…?sslmode=verify-full ·
    /// The database: an SQLite file, or postgres://…?sslmode=verify-full
    #[arg(long, value_name = "KHO", env = "SOHOA_DB", hide_env_values = true)]
    db: String,

    /// Tệp chứa mật khẩu của máy chủ PostgreSQL · File with the PostgreSQL password
    #[arg(long, value_name = "TỆP")]
    db_password_file: Option<PathBuf>,

    #[command(flatten)]
    trust: TrustArguments,

    /// Bảng đơn vị (TOML); đơn vị không có trong bảng thì hồ sơ bị từ chối · Table of known units
    #[arg(long, value_name = "TỆP")]
    units: Option<PathBuf>,

    /// Chấp nhận một điều chưa xét được (V44, V45, V47, V49); lặp lại được ·
    /// Take a doubt upon yourself; may be repeated
    #[arg(long, value_name = "MÃ", value_parser = ACCEPTABLE)]
    accept: Vec<String>,

    /// Nơi để tệp lấy ra từ gói nhỏ · Where the files out of bundles are put
    /// [mặc định · default: GÓI.files]
    #[arg(long, value_name = "THƯ_MỤC")]
    files: Option<PathBuf>,

    /// Ghi biên nhận vào tệp này · Write the receipts here [mặc định · default: GÓI.receipts.jsonl]
    #[arg(long, value_name = "TỆP")]
    receipts: Option<PathBuf>,

    /// In biên nhận thành các dòng JSON · Print the receipts as JSON lines
    #[arg(long)]
    json: bool,
}

/// Imports, writes the receipts and gives the exit code.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    imported(arguments, language).unwrap_or_else(|exit| exit)
}

fn imported(arguments: &Arguments, language: Language) -> Result<Exit, Exit> {
    let trust = arguments.trust.read(language)?;
    let units = read_units(arguments.units.as_deref(), language)?;
    let deliveries = deliveries(arguments, language)?;
    let mut receipts = Receipts::create(arguments, language)?;
    let password = arguments.db_password_file.as_deref();
    let password = password.map(|file| secret::from_file(file, language));
    let password = password.transpose()?;
    let password = password.as_ref().map(|password| password.as_str());
    let store = Store::open(&arguments.db, password);
    let store = store.map_err(|fault| tell(&fault.into(), arguments, language))?;
    let mut importing = Importing {
        arguments,
        trust,
        units,
        store,
        language,
        summary: SummaryLine {
            v: RECEIPT_VERSION,
            ..SummaryLine::default()
        },
    };
    for delivery in &deliveries {
        importing.delivery(delivery, &mut receipts)?;
    }
    let mut summary = importing.summary;
    let exit = match summary.refused + summary.rejected {
        0 => Exit::Done,
        _ => Exit::ImportRejected,
    };
    summary.exit_code = exit as u8;
    let line = ReceiptLine::Summary(summary.clone());
    let written = receipts.write(&line).and_then(|()| receipts.finish());
    written.map_err(|fault| tell(&fault, arguments, language))?;
    if !arguments.json {
        say::line(told(&summary, &receipts.path, language).trim_end());
    }
    Ok(exit)
}

/// A folder to be audited; out of a bundle it may lack what the receiver has.
struct Delivery {
    folder: PathBuf,
    bundled: bool,
}

/// The package itself, or what unpacks from the bundles beside each other, the oldest first.
fn deliveries(arguments: &Arguments, language: Language) -> Result<Vec<Delivery>, Exit> {
    let path = &arguments.path;
    let holds = |name: &str| path.join(name).symlink_metadata().is_ok();
    if ["batch.json", "batch.jws", "manifest.jsonl"]
        .iter()
        .any(|name| holds(name))
    {
        let folder = path.clone();
        return Ok(vec![Delivery {
            folder,
            bundled: false,
        }]);
    }
    let told = |fault: BundleFault| {
        say::fault(&fault, &path.display().to_string(), language);
        exit_of_bundle(&fault)
    };
    let bundles = bundle::found_in(path).map_err(told)?;
    if bundles.is_empty() {
        let path = path.display().to_string();
        return Err(UsageFault::NoPackage { path }.tell(language));
    }
    let files = arguments.files.clone();
    let files = files.unwrap_or_else(|| path.with_added_extension("files"));
    let unpacked = bundles.iter().map(|bundle| unpacked(bundle, &files));
    let mut unpacked = unpacked.collect::<Result<Vec<_>, _>>().map_err(told)?;
    unpacked.sort_by(|(one, _), (other, _)| one.cmp(other));
    let folders = unpacked.into_iter().map(|(_, folder)| Delivery {
        folder,
        bundled: true,
    });
    Ok(folders.collect())
}

/// A bundle's folder and when its header says that it was written.
fn unpacked(bundle: &Bundle, files: &Path) -> Result<(String, PathBuf), BundleFault> {
    let folder = bundle.unpack(files)?;
    let header = std::fs::read(folder.join("batch.json")).unwrap_or_default();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap_or_default();
    let created = header["created"].as_str().unwrap_or_default().to_owned();
    Ok((created, folder))
}

fn exit_of_bundle(fault: &BundleFault) -> Exit {
    match fault {
        BundleFault::Disk { .. } => Exit::StoreNotWritable,
        _ => Exit::ImportRejected,
    }
}

struct Importing<'a> {
    arguments: &'a Arguments,
    trust: Trust,
    units: Option<KnownUnits>,
    store: Store,
    language: Language,
    summary: SummaryLine,
}

impl Importing<'_> {
    /// One delivery; that it was refused is told, and the next one has its turn.
    fn delivery(&mut self, delivery: &Delivery, receipts: &mut Receipts) -> Result<(), Exit> {
        self.summary.deliveries += 1;
        match self.load(delivery, receipts) {
            Ok(sums) => {
                self.summary.accepted += sums.accepted;
                self.summary.duplicate += sums.duplicate;
                self.summary.rejected += sums.rejected;
                self.summary.set_aside += sums.set_aside;
                Ok(())
            }
            Err(ImportFault::Refused(refused)) => {
                self.summary.refused += 1;
                let line = ReceiptLine::Refused(refused_line(&refused));
                let written = receipts.write(&line);
                if delivery.bundled {
                    // What was refused is not kept; the bundle itself stays for whoever looks into it.
                    let _ = std::fs::remove_dir_all(&delivery.folder);
                }
                let fault = ImportFault::Refused(refused);
                tell(&fault, self.arguments, self.language);
                written.map_err(|fault| tell(&fault, self.arguments, self.language))
            }
            Err(fault) => Err(tell(&fault, self.arguments, self.language)),
        }
    }

    fn load(&mut self, delivery: &Delivery, receipts: &mut Receipts) -> Result<Sums, ImportFault> {
        let gate = Gate {
            trust: &self.trust,
            at: clock::clock()(),
            accepted: &self.arguments.accept,
            partial: delivery.bundled,
        };
        let verified = Verified::audit(&delivery.folder, &gate, &|_| {})?;
        let (language, json) = (self.language, self.arguments.json);
        import::load(
            &mut self.store,
            &verified,
            self.units.as_ref(),
            &mut |receipt| {
                if let (ReceiptVerdict::Rejected, Some(reason), false) =
                    (receipt.verdict, &receipt.reason, json)
                {
                    tell_rejected(&receipt.dossier, reason, language);
                }
                receipts.write(&ReceiptLine::Receipt(receipt))
            },
        )
    }
}

/// The receipts file, written beside its final name and, on demand, printed as well.
struct Receipts {
    path: PathBuf,
    file: BufWriter<File>,
    printed: bool,
}

impl Receipts {
    fn create(arguments: &Arguments, language: Language) -> Result<Self, Exit> {
        let path = arguments.receipts.clone();
        let path = path.unwrap_or_else(|| arguments.path.with_added_extension("receipts.jsonl"));
        let file = File::create(half(&path));
        let file = file.map_err(|cause| UsageFault::unwritable(&path, &cause).tell(language))?;
        Ok(Self {
            path,
            file: BufWriter::new(file),
            printed: arguments.json,
        })
    }

    fn write(&mut self, line: &ReceiptLine) -> Result<(), ImportFault> {
        let text = serde_json::to_string(line).expect("receipts serialize");
        if self.printed {
            say::line(&text);
        }
        writeln!(self.file, "{text}").map_err(|cause| self.unwritable(&cause))
    }

    fn finish(&mut self) -> Result<(), ImportFault> {
        let written = (self.file.flush())
            .and_then(|()| self.file.get_ref().sync_all())
            .and_then(|()| std::fs::rename(half(&self.path), &self.path));
        written.map_err(|cause| self.unwritable(&cause))
    }

    fn unwritable(&self, cause: &std::io::Error) -> ImportFault {
        ImportFault::Unwritable {
            path: self.path.display().to_string(),
            cause: cause.to_string(),
        }
    }
}

fn half(path: &Path) -> PathBuf {
    path.with_added_extension("half")
}

fn refused_line(refused: &RefusedDelivery) -> RefusedLine {
    let told = refused
        .findings
        .iter()
        .take(FINDINGS_TOLD)
        .map(|finding| ReceiptReason {
            code: finding.code.id().to_owned(),
            place: finding.place.path.clone(),
            what: words(finding, Language::Vi),
        });
    RefusedLine {
        v: RECEIPT_VERSION,
        batch: refused.batch.map(|batch| batch.to_string()),
        reasons: told.collect(),
    }
}

fn words(finding: &Finding, language: Language) -> String {
    let values = finding.values();
    let values: Vec<(&str, &str)> = (values.iter())
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    messages::wording(language, finding.code.id(), &values).what
}

/// Tells a fault and gives its exit code.
fn tell(fault: &ImportFault, arguments: &Arguments, language: Language) -> Exit {
    say::fault(fault, &arguments.path.display().to_string(), language);
    if let ImportFault::Refused(refused) = fault {
        let text = findings::told(&refused.findings, language);
        // Standard error may be closed; the receipts still tell.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
    match fault {
        ImportFault::Store(_) | ImportFault::Unwritable { .. } => Exit::StoreNotWritable,
        ImportFault::Refused(_) => Exit::ImportRejected,
        ImportFault::Changed | ImportFault::Unreadable { .. } => Exit::SourceUnreadable,
        ImportFault::NoReceipt { .. } => Exit::Usage,
    }
}

/// A dossier that did not enter: its code, never its folder's name, which may be a person's.
fn tell_rejected(dossier: &str, reason: &ReceiptReason, language: Language) {
    let wording = messages::wording(language, &reason.code, &[]);
    let what = match language {
        Language::Vi => &reason.what,
        Language::En => &wording.what,
    };
    let text = format!(
        "{dossier}: [{}] {what}\n    → {}\n",
        reason.code, wording.remedy
    );
    // Standard error may be closed; the receipts still tell.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

fn told(summary: &SummaryLine, receipts: &Path, language: Language) -> String {
    let number = |number| numbers::whole(number, language);
    let (accepted, duplicate) = (number(summary.accepted), number(summary.duplicate));
    let (rejected, aside) = (number(summary.rejected), number(summary.set_aside));
    let (refused, path) = (number(summary.refused), receipts.display());
    match language {
        Language::Vi => format!(
            "Đã nhận {accepted} hồ sơ · đã có từ trước {duplicate} · từ chối {rejected} · bên gửi để riêng {aside} · \
             gói bị từ chối {refused}\nBiên nhận: {path}\n"
        ),
        Language::En => format!(
            "{accepted} dossiers accepted · {duplicate} there before · {rejected} rejected · {aside} set aside by \
             the sender · {refused} deliveries refused\nReceipts: {path}\n"
        ),
    }
}

fn read_units(path: Option<&Path>, language: Language) -> Result<Option<KnownUnits>, Exit> {
    let Some(path) = path else { return Ok(None) };
    let text = std::fs::read(path).map_err(|cause| unreadable(path, &cause, language))?;
    let text = String::from_utf8(text).map_err(|_| UnitsFault::NoTable("UTF-8".to_owned()));
    let units = text.and_then(|text| KnownUnits::read(&text));
    units.map(Some).map_err(|fault| {
        say::fault(&fault, &path.display().to_string(), language);
        Exit::Usage
    })
}
