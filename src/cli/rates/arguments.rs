//! What `sohoa rates` and `sohoa report` are both told: registers, deliveries, formulas, period, campaign.

use std::path::PathBuf;

use time::Date;

use crate::cli::trust::TrustArguments;
use crate::rates::Period;
use crate::rates::forecast::WhatIf;
use crate::rates::period::iso_day;

/// What is counted.
#[derive(clap::Args)]
pub struct Counting {
    /// Gói kết quả đã ký, chỉ tính khi kiểm chứng xong · Signed packages; counted once they verify
    #[arg(value_name = "GÓI")]
    pub deliveries: Vec<PathBuf>,

    /// Sổ theo dõi hồ sơ, CSV hoặc XLSX; lặp lại được · The one-stop's register; may be repeated
    #[arg(long, value_name = "TỆP")]
    pub register: Vec<PathBuf>,

    /// Công thức, ví dụ 766.4.2; lặp lại được · The formula; may be repeated
    #[arg(long, value_name = "MÃ")]
    pub formula: Vec<String>,

    /// Kỳ tính: 2026, 2026-Q3, 2026-10 hoặc 2026-10-01..2026-10-31 · The period
    #[arg(long, value_name = "KỲ")]
    pub period: Option<Period>,

    /// Chiến dịch, ví dụ bac-kan-2023 · The campaign
    #[arg(long, value_name = "MÃ")]
    pub campaign: Option<String>,

    /// Bảng đơn vị (TOML) · Table of units
    #[arg(long, value_name = "TỆP", env = "SOHOA_UNITS")]
    pub units: Option<PathBuf>,

    /// Gộp đơn vị đã hết vào đơn vị kế tục của ngày này · Count with the successors of this day
    #[arg(long, value_name = "NGÀY", value_parser = parse_day, requires = "units")]
    pub units_on: Option<Date>,

    /// Tệp công thức khác · Another file of formulas
    #[arg(long, value_name = "TỆP")]
    pub formulas: Option<PathBuf>,

    /// Tệp chiến dịch khác · Another file of campaigns
    #[arg(long, value_name = "TỆP")]
    pub campaigns: Option<PathBuf>,

    /// Tệp tên cột khác của sổ · Another file of column names
    #[arg(long, value_name = "TỆP")]
    pub columns: Option<PathBuf>,

    /// Tính đến ngày này [mặc định: hôm nay] · Stand on this day
    #[arg(long, value_name = "NGÀY", value_parser = parse_day)]
    pub today: Option<Date>,

    /// Thử nhịp khác: pages_per_day=20000 hoặc dossiers_per_day=900 · Another pace
    #[arg(long, value_name = "GIẢ_ĐỊNH")]
    pub what_if: Option<WhatIf>,

    /// Hạt giống của dự báo · The forecast's seed
    #[arg(long, value_name = "SỐ", default_value_t = 1)]
    pub seed: u64,

    /// Kho của `sohoa import`: sổ và giấy tờ lấy từ đó; --register thì nạp sổ vào kho trước ·
    /// The store of `sohoa import`: register and papers are taken from it
    #[arg(long, value_name = "KHO", env = "SOHOA_DB", hide_env_values = true)]
    pub db: Option<String>,

    /// Tệp chứa mật khẩu của máy chủ PostgreSQL · File with the PostgreSQL password
    #[arg(long, value_name = "TỆP", requires = "db")]
    pub db_password_file: Option<PathBuf>,

    #[command(flatten)]
    pub trust: TrustArguments,

    /// Chấp nhận một điều chưa xét được; lặp lại được · Take a doubt upon yourself; may be repeated
    #[arg(long, value_name = "MÃ")]
    pub accept: Vec<String>,
}

fn parse_day(text: &str) -> Result<Date, String> {
    iso_day(text).ok_or_else(|| format!("'{text}': 2026-10-31"))
}
