//! Pages set from the type table with the misreadings of a recogniser: what the model learns from where
//! nobody has scanned a paper of a type yet.
//!
//! All names and numbers in them are made up by chance.

use super::super::type_table::{TypeRow, TypeTable, Zone};
use crate::model::{Confidence, PageText, Point, PxBox, Word};

const WIDTH_PX: u32 = 1654;
const HEIGHT_PX: u32 = 2339;
const DPI: u32 = 200;
const LEFT_PX: u32 = 236;
const RIGHT_PX: u32 = 1496;
const LETTER_PX: u32 = 17;
const WORD_PX: u32 = 28;
const LINE_PX: u32 = 46;

/// What stands on papers of every type.
const FILLERS: &[&str] = &[
    "Căn cứ Luật Tổ chức chính quyền địa phương và các văn bản hướng dẫn thi hành;",
    "Căn cứ Luật Đất đai và các nghị định của Chính phủ quy định chi tiết thi hành;",
    "Căn cứ Quyết định số 15/QĐ-UBND ngày 03 tháng 5 năm 2021 của Ủy ban nhân dân tỉnh;",
    "Theo đề nghị của Trưởng phòng Nội vụ tại Tờ trình số 27/TTr-NV ngày 06/7/2022,",
    "thực hiện đúng quy định của pháp luật về giải quyết thủ tục hành chính theo cơ chế một cửa",
    "trên địa bàn tỉnh; kịp thời báo cáo những khó khăn, vướng mắc trong quá trình thực hiện",
    "và các cơ quan, đơn vị, cá nhân có liên quan chịu trách nhiệm thi hành kể từ ngày ký.",
    "thường trú tại ấp Tân Quới, xã Long Điền Thượng, huyện Đức Lộc, tỉnh An Bình",
    "Hồ sơ được số hóa và lưu trữ tại Trung tâm Phục vụ hành chính công",
    "Tôi xin chịu trách nhiệm trước pháp luật về những nội dung đã khai trên đây",
    "Điều 2. Giao Văn phòng chủ trì, phối hợp với các đơn vị có liên quan tổ chức thực hiện",
    "bảo đảm tiến độ, chất lượng và an toàn thông tin; kinh phí thực hiện từ nguồn ngân sách",
    "a) Bên A có trách nhiệm giao đầy đủ giấy tờ và bàn giao đúng thời hạn đã cam kết",
    "Trường hợp có thay đổi, các bên thông báo cho nhau bằng văn bản trước mười lăm ngày",
    "Hai bên đã đọc lại, hiểu rõ và đồng ý toàn bộ nội dung ghi trong văn bản này",
    "Địa chỉ liên hệ: số 12 đường Trần Quý, phường Đông Thuận. Điện thoại: 0000 123 456",
    "Diện tích 224,5 m² đất tại thửa đất số 673, tờ bản đồ số 24, đất ở tại nông thôn",
    "STT Tên giấy tờ Bản chính Bản sao Ghi chú",
];

/// What a field's label looks like.
const LABELS: &[(&str, &str)] = &[
    ("ma_ho_so", "Mã hồ sơ: H10.12-221013-0001"),
    ("chu_ho_so", "Họ và tên: Nguyễn Thị Thử"),
    ("ngay_sinh", "Ngày, tháng, năm sinh: 01/02/1980"),
    ("so_dinh_danh", "Số định danh cá nhân: 098080000001"),
    ("so_cmnd", "Chứng minh nhân dân số: 012345678"),
    ("ma_so_thue", "Mã số thuế: 0100109106"),
    ("so_thua", "Thửa đất số: 673"),
    ("so_to_ban_do", "Tờ bản đồ số: 24"),
    ("so_phat_hanh", "Số phát hành GCN: AB 123456"),
    (
        "so_chung_thuc",
        "Số chứng thực: 123, quyển số: 01-SCT/HĐ,GD",
    ),
    (
        "ngay_tiep_nhan",
        "Thời gian nhận hồ sơ: 8 giờ, ngày 13/10/2022",
    ),
    (
        "ngay_hen_tra",
        "Thời gian trả kết quả: 16 giờ, ngày 23/10/2022",
    ),
];

const ORGANS: &[&str] = &[
    "ỦY BAN NHÂN DÂN TỈNH AN BÌNH",
    "UBND HUYỆN ĐỨC LỘC",
    "UBND XÃ TÂN LỘC",
    "SỞ NỘI VỤ",
    "SỞ Y TẾ",
    "SỞ NÔNG NGHIỆP VÀ MÔI TRƯỜNG",
    "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG",
    "SỞ XÂY DỰNG",
    "VĂN PHÒNG ĐĂNG KÝ ĐẤT ĐAI",
    "CHI CỤC THUẾ KHU VỰC",
    "HỘI ĐỒNG NHÂN DÂN XÃ PHÚ THẠNH",
];

/// What recognisers take letters for.
const MISREAD: &[(char, char)] = &[
    ('O', '0'),
    ('0', 'O'),
    ('I', 'l'),
    ('l', '1'),
    ('1', 'I'),
    ('Đ', 'D'),
    ('D', 'Ð'),
    ('B', '8'),
    ('S', '5'),
    ('T', 'I'),
    ('E', 'F'),
    ('H', 'N'),
    ('N', 'M'),
    ('C', 'G'),
    ('U', 'V'),
    ('Y', 'V'),
    ('a', 'o'),
    ('e', 'c'),
    ('h', 'b'),
    ('n', 'u'),
    ('u', 'n'),
    ('m', 'n'),
    ('g', 'q'),
    ('t', 'l'),
    ('i', 'í'),
    ('ư', 'u'),
    ('ơ', 'o'),
    ('đ', 'd'),
    ('r', 't'),
    ('c', 'e'),
];

/// Chance that is the same every time (xorshift64*).
pub struct Chance(u64);

impl Chance {
    /// Draws that hang on the seed alone; it must not be 0.
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        drawn as usize % end.max(1)
    }

    /// True so many times in a hundred.
    pub fn pct(&mut self, pct: usize) -> bool {
        self.below(100) < pct
    }

    fn one<'o, T: ?Sized>(&mut self, of: &[&'o T]) -> &'o T {
        of[self.below(of.len())]
    }

    /// Puts these into another order.
    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for end in (1..all.len()).rev() {
            all.swap(end, self.below(end + 1));
        }
    }
}

/// The first page of a paper of this type, or (for none) a page that begins no document.
pub fn set_page(types: &TypeTable, row: Option<usize>, chance: &mut Chance) -> PageText {
    let misread = *chance.one(&[&0, &1, &4]);
    let mut page = Setting {
        text: PageText {
            symbols: Vec::new(),
            width_px: WIDTH_PX,
            height_px: HEIGHT_PX,
            dpi: DPI,
            words: Vec::new(),
        },
        y_px: 130 + chance.below(80) as u32,
        line: 0,
        misread_pct: misread,
    };
    match row {
        Some(row) => page.first_page(types, &types.rows[row], chance),
        None => page.later_page(types, chance),
    }
    page.text
}

#[derive(Clone, Copy)]
enum At {
    Left,
    Middle,
    LeftColumn,
    RightColumn,
}

struct Setting {
    text: PageText,
    y_px: u32,
    line: u32,
    misread_pct: usize,
}

impl Setting {
    fn first_page(&mut self, types: &TypeTable, row: &TypeRow, chance: &mut Chance) {
        self.header(row, chance);
        self.heading(types, row, chance);
        let said = |zone| {
            row.cues
                .iter()
                .filter(move |cue| cue.zone == zone && cue.weight > 0)
        };
        for cue in said(Zone::Body) {
            if chance.pct(65) {
                self.put(At::Left, &cue.text, chance);
                self.fill(chance);
            }
        }
        for (_, label) in LABELS
            .iter()
            .filter(|(id, _)| row.fields.iter().any(|own| own == id))
        {
            if chance.pct(60) {
                self.put(At::Left, label, chance);
            }
        }
        for _ in 0..chance.below(10) {
            self.fill(chance);
        }
        for cue in said(Zone::Foot) {
            self.put(At::RightColumn, &cue.text, chance);
        }
        if row.regime == Some(true) && chance.pct(40) {
            self.signature(chance);
        }
    }

    fn header(&mut self, row: &TypeRow, chance: &mut Chance) {
        for cue in row
            .cues
            .iter()
            .filter(|cue| cue.zone == Zone::Top && cue.weight > 0)
        {
            if chance.pct(50) {
                self.put(At::Left, &cue.text, chance);
            }
        }
        let office = row.regime == Some(true) || row.abbreviation.is_some() || chance.pct(35);
        if office {
            let organ = chance.one(ORGANS);
            self.put(At::LeftColumn, organ, chance);
        }
        if chance.pct(if row.regime == Some(true) { 92 } else { 60 }) {
            let at = if office { At::RightColumn } else { At::Middle };
            self.put(at, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", chance);
            self.put(at, "Độc lập - Tự do - Hạnh phúc", chance);
        }
        if office && chance.pct(80) {
            let sign = row.abbreviation.as_deref().unwrap_or("TNHS");
            let number = format!("Số: {}/{sign}-UBND", 1 + chance.below(2000));
            self.put(At::LeftColumn, &number, chance);
        }
    }

    fn heading(&mut self, types: &TypeTable, row: &TypeRow, chance: &mut Chance) {
        let general = row.broader.as_deref().and_then(|id| types.by_id(id));
        let own: Vec<&str> = row.headings.iter().map(String::as_str).collect();
        let heading = match (own.is_empty(), general) {
            (false, _) => chance.one(&own),
            (true, Some(general)) => {
                let theirs: Vec<&str> = general.headings.iter().map(String::as_str).collect();
                chance.one(&theirs)
            }
            (true, None) => return self.letter_head(chance),
        };
        // Sometimes the heading is lost in a stamp or a fold: the page must tell without it.
        if chance.pct(82) {
            self.y_px += LINE_PX / 2;
            self.put(At::Middle, heading, chance);
        }
        let said = row
            .cues
            .iter()
            .filter(|cue| cue.zone == Zone::Heading && cue.weight > 0);
        let said: Vec<&str> = said.map(|cue| cue.text.as_str()).collect();
        if own.is_empty() {
            let subject = chance.one(&said);
            self.put(At::Middle, subject, chance);
        }
    }

    /// A công văn has no heading.
    fn letter_head(&mut self, chance: &mut Chance) {
        self.put(At::LeftColumn, "V/v phối hợp xác minh hồ sơ", chance);
        self.put(At::Middle, "Kính gửi: Ủy ban nhân dân xã Tân Lộc", chance);
    }

    fn later_page(&mut self, types: &TypeTable, chance: &mut Chance) {
        if chance.pct(50) {
            let number = (2 + chance.below(8)).to_string();
            self.put(At::Middle, &number, chance);
        }
        let row = &types.rows[chance.below(types.rows.len())];
        if let Some(later) = row.later.first().filter(|_| chance.pct(50)) {
            self.put(At::Middle, later, chance);
        }
        let said: Vec<&str> = row.cues.iter().map(|cue| cue.text.as_str()).collect();
        for _ in 0..1 + chance.below(22) {
            self.fill(chance);
            if chance.pct(5) && !said.is_empty() {
                let words = chance.one(&said);
                self.put(At::Left, words, chance);
            }
        }
        if chance.pct(45) {
            self.signature(chance);
        }
    }

    fn fill(&mut self, chance: &mut Chance) {
        let filler = chance.one(FILLERS);
        self.put(At::Left, filler, chance);
    }

    fn signature(&mut self, chance: &mut Chance) {
        self.put(At::Left, "Nơi nhận:", chance);
        self.put(At::RightColumn, "KT. CHỦ TỊCH", chance);
        self.put(At::RightColumn, "PHÓ CHỦ TỊCH", chance);
    }

    /// One line of text, as a recogniser would have read it.
    fn put(&mut self, at: At, text: &str, chance: &mut Chance) {
        let read: String = text
            .chars()
            .filter_map(|c| self.misread(c, chance))
            .collect();
        let width_px = LETTER_PX * read.chars().count() as u32;
        let centred = |middle_px: u32| middle_px.saturating_sub(width_px / 2);
        let mut x_px = match at {
            At::Left => LEFT_PX,
            At::Middle => centred((LEFT_PX + RIGHT_PX) / 2),
            At::LeftColumn => centred(490),
            At::RightColumn => centred(1150),
        };
        for word in read.split_whitespace() {
            let w_px = LETTER_PX * word.chars().count() as u32;
            let y_px = (self.y_px + WORD_PX) as f32;
            let point = |x_px: u32| Point {
                x_px: x_px as f32,
                y_px,
            };
            self.text.words.push(Word {
                text: word.to_owned(),
                bounds: PxBox {
                    x_px,
                    y_px: self.y_px,
                    w_px,
                    h_px: WORD_PX,
                },
                baseline_start: point(x_px),
                baseline_end: point(x_px + w_px),
                confidence: Confidence::from_pct(90),
                block: 0,
                line: self.line,
                leads_on: false,
            });
            x_px += w_px + LETTER_PX;
        }
        self.line += 1;
        self.y_px += LINE_PX;
    }

    fn misread(&self, letter: char, chance: &mut Chance) -> Option<char> {
        if letter == ' ' || !chance.pct(self.misread_pct) {
            return Some(letter);
        }
        match MISREAD.iter().find(|(read, _)| *read == letter) {
            Some((_, taken_for)) => Some(*taken_for),
            None => chance.pct(60).then_some(letter),
        }
    }
}
