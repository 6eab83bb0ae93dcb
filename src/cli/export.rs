//! `sohoa export`: a verified delivery becomes what portals, archives and spreadsheets take.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::{Exit, clock, findings, numbers, say, usage};
use crate::export::{self, ExportFault, Exported, FieldFault, Format, Options, Profile, Template};
use crate::messages::Language;
use crate::verify::Trust;

/// Arguments of `sohoa export`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Thư mục kết quả của `sohoa run` · The output folder of `sohoa run`
    #[arg(value_name = "KẾT_QUẢ", required_unless_present_any = ["print_profile", "check"])]
    out: Option<PathBuf>,

    /// Dạng cần xuất · What to export to
    #[arg(long, value_enum, required_unless_present_any = ["print_profile", "check"])]
    to: Option<To>,

    /// Nơi ghi: một tệp cho xlsx và csv, một thư mục cho các dạng khác · Where to: a file for xlsx and csv, else a folder
    #[arg(short, long, value_name = "NƠI")]
    output: Option<PathBuf>,

    /// Giá trị và mã của bên nhận · The receiver's values and codes
    #[arg(long, value_name = "TỆP")]
    profile: Option<PathBuf>,

    /// Mẫu tên tài liệu: goc, docid, 7197, phong-hop, dang, signed, hoặc mẫu riêng có {n} · Template for names
    #[arg(long, value_name = "MẪU", default_value = "goc")]
    names: String,

    /// Chứng thư gốc được tin cậy, PEM hoặc DER · Trusted root certificates, PEM or DER
    #[arg(long, value_name = "TỆP", env = "SOHOA_TRUST")]
    trust: Option<PathBuf>,

    /// Xuất cả gói chưa ký · Export a package that is not signed, too
    #[arg(long)]
    unsigned: bool,

    /// Bỏ qua hồ sơ có giá trị không vừa, thay vì không xuất gì · Leave out dossiers that do not fit
    #[arg(long)]
    leave_out: bool,

    /// In tệp cấu hình mẫu kèm giải thích · Print a profile with explanations
    #[arg(long)]
    print_profile: bool,

    /// Kiểm một gói AIP/SIP đã có, hoặc thư mục chứa chúng · Check AIP or SIP packages that are there
    #[arg(long, value_name = "THƯ_MỤC", conflicts_with_all = ["to", "out"])]
    check: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum To {
    /// Gói đồng bộ của Cổng dịch vụ công (giao thức cũ) · The national portal's older payload
    PortalJson,
    /// Bảng kê 46 cột của lưu trữ · The archive's sheet of 46 columns
    ArchiveXlsx,
    /// MetaDuLieu.xlsx: Hồ sơ, Văn bản, Ảnh, Video · MetaDuLieu.xlsx
    MetadataXlsx,
    /// CSV, một dòng một tài liệu · CSV, a row a document
    Csv,
    /// Gói AIP_hoso theo TT 05/2025/TT-BNV · AIP_hoso packages
    Aip,
    /// Gói AIP_tailieu theo TT 05/2025/TT-BNV · AIP_tailieu packages
    AipTailieu,
    /// Gói SIP_hoso theo TT 05/2025/TT-BNV · SIP_hoso packages
    Sip,
    /// BagIt 1.0, một túi một hồ sơ · BagIt 1.0, a bag a dossier
    Bagit,
    /// ALTO 4, một tệp một tài liệu · ALTO 4, a file a document
    Alto,
    /// hOCR, một tệp một tài liệu · hOCR, a file a document
    Hocr,
}

impl To {
    fn format(self) -> Format {
        match self {
            To::PortalJson => Format::PortalJson,
            To::ArchiveXlsx => Format::ArchiveXlsx,
            To::MetadataXlsx => Format::MetadataXlsx,
            To::Csv => Format::Csv,
            To::Aip => Format::AipHoso,
            To::AipTailieu => Format::AipTailieu,
            To::Sip => Format::SipHoso,
            To::Bagit => Format::Bagit,
            To::Alto => Format::Alto,
            To::Hocr => Format::Hocr,
        }
    }

    /// The name that an export has where none is given.
    fn name(self) -> &'static str {
        match self {
            To::PortalJson => "portal-json",
            To::ArchiveXlsx => "archive.xlsx",
            To::MetadataXlsx => "MetaDuLieu.xlsx",
            To::Csv => "sohoa.csv",
            To::Aip => "AIP_hoso",
            To::AipTailieu => "AIP_tailieu",
            To::Sip => "SIP_hoso",
            To::Bagit => "bagit",
            To::Alto => "alto",
            To::Hocr => "hocr",
        }
    }
}

/// Exports, tells what was checked and what was left out, and gives the exit code.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    if arguments.print_profile {
        return say::result(export::DEFAULT_TOML, Exit::Done, language);
    }
    if let Some(folder) = &arguments.check {
        return check(folder, language);
    }
    exported(arguments, language).unwrap_or_else(|exit| exit)
}

fn exported(arguments: &Arguments, language: Language) -> Result<Exit, Exit> {
    let (Some(out), Some(to)) = (&arguments.out, arguments.to) else {
        unreachable!("clap asks for both");
    };
    let target = arguments.output.clone().unwrap_or_else(|| to.name().into());
    let profile = read_profile(arguments.profile.as_deref(), language)?;
    let names = Template::read(&arguments.names).map_err(|fault| tell(&fault, language))?;
    let trust = read_trust(arguments.trust.as_deref(), language)?;
    let options = Options {
        format: to.format(),
        profile,
        names,
        trust: &trust,
        at: clock::clock()(),
        unsigned: arguments.unsigned,
        leave_out: arguments.leave_out,
    };
    let done = export::export(out, &target, &options).map_err(|fault| tell(&fault, language))?;
    tell_fields(&done.faults, language);
    say::line(told(&done, &target, &trust, language).trim_end());
    Ok(match done.left_out {
        0 => Exit::Done,
        _ => Exit::SomeSetAside,
    })
}

fn read_profile(path: Option<&Path>, language: Language) -> Result<Profile, Exit> {
    let text = match path {
        Some(path) => std::fs::read_to_string(path)
            .map_err(|cause| usage::unreadable(path, &cause, language))?,
        None => String::new(),
    };
    Profile::from_toml(&text).map_err(|fault| tell(&fault, language))
}

fn read_trust(path: Option<&Path>, language: Language) -> Result<Trust, Exit> {
    let Some(path) = path else {
        return Ok(Trust::none());
    };
    let roots = std::fs::read(path).map_err(|cause| usage::unreadable(path, &cause, language))?;
    Trust::from_pem(&roots, b"").map_err(|fault| {
        say::fault(&fault, &path.display().to_string(), language);
        Exit::Usage
    })
}

/// Tells a fault, what lies behind it first, and gives its exit code.
fn tell(fault: &ExportFault, language: Language) -> Exit {
    match fault {
        ExportFault::NotSound(found) => {
            say::remark(findings::told(found, language).trim_end());
        }
        ExportFault::Unfit { faults, .. } => tell_fields(faults, language),
        _ => {}
    }
    say::fault(fault, "", language);
    match fault {
        ExportFault::NotSound(_) => Exit::Invalid,
        ExportFault::Unsigned => Exit::Indeterminate,
        ExportFault::Unfit { .. } | ExportFault::TooManyRows { .. } => Exit::SomeSetAside,
        ExportFault::Exists { .. } | ExportFault::Unwritable { .. } => Exit::StoreNotWritable,
        ExportFault::Profile { .. } | ExportFault::Template { .. } => Exit::Usage,
        ExportFault::Workbook(_) => Exit::Internal,
    }
}

fn tell_fields(faults: &[FieldFault], language: Language) {
    for fault in faults {
        say::fault(fault, fault.place(), language);
    }
}

/// What was done and how much was checked.
fn told(done: &Exported, target: &Path, trust: &Trust, language: Language) -> String {
    let whole = |number| numbers::whole(number, language);
    let signer = match (&done.signer, trust.roots()) {
        (None, _) => say::by(language, "gói chưa ký", "the package is unsigned").to_owned(),
        (Some(signer), 0) => format!(
            "{signer} ({})",
            say::by(
                language,
                "chưa kiểm chứng thư: không có --trust",
                "not judged: no --trust"
            )
        ),
        (Some(signer), _) => signer.clone(),
    };
    match language {
        Language::Vi => format!(
            "{}: {} hồ sơ, {} tài liệu, bỏ qua {} hồ sơ\n\
             Đã kiểm: chữ ký của batch.json ({signer}), mã băm của bản kê, mọi record.json, {} tệp tài liệu và các ảnh quét kèm theo.\n\
             Chưa kiểm: chữ ký và chuẩn PDF/A của từng tệp (`sohoa verify`).\n",
            target.display(),
            whole(done.dossiers),
            whole(done.documents),
            whole(done.left_out),
            whole(done.files_checked),
        ),
        Language::En => format!(
            "{}: {} dossiers, {} documents, {} dossiers left out\n\
             Checked: the signature over batch.json ({signer}), the digests of the manifest, every record.json, {} documents and the kept scans.\n\
             Not checked: signature and PDF/A of each file (`sohoa verify`).\n",
            target.display(),
            whole(done.dossiers),
            whole(done.documents),
            whole(done.left_out),
            whole(done.files_checked),
        ),
    }
}

/// Checks packages that are there, by our own checker.
fn check(folder: &Path, language: Language) -> Exit {
    let flaws = match crate::verify::aip::check_all(folder) {
        Ok(flaws) => flaws,
        Err(cause) => return usage::unreadable(folder, &cause, language),
    };
    for flaw in &flaws.flaws {
        say::fault(flaw, &flaw.place, language);
    }
    let line = match language {
        Language::Vi => format!("{} gói, {} chỗ sai\n", flaws.packages, flaws.flaws.len()),
        Language::En => format!("{} packages, {} flaws\n", flaws.packages, flaws.flaws.len()),
    };
    let exit = match (flaws.flaws.is_empty(), flaws.packages) {
        (true, 0) => Exit::SourceUnreadable,
        (true, _) => Exit::Done,
        (false, _) => Exit::Invalid,
    };
    say::result(&line, exit, language)
}
