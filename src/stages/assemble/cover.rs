//! The cover: what a document says of itself, from what is known of it.

use super::AssembleInput;
use crate::formats::pdfa::{DocumentInfo, writable};
use crate::model::{Description, Digest, Digester};

/// The type id of documents whose type was not recognised.
const UNKNOWN_TYPE: &str = "khong_ro";

/// Title, subject, author and identity of a document.
pub(super) fn info(document: &AssembleInput<'_>) -> DocumentInfo {
    let field = |id: &str| field(document.description, id);
    let title = title(document);
    let (subject, author) = (field("trich_yeu"), field("co_quan_ban_hanh"));
    let identity = identity(document, [Some(&title), subject.as_ref(), author.as_ref()]);
    DocumentInfo {
        title,
        subject,
        author,
        identity,
    }
}

/// `Quyết định 123/QĐ-UBND (H10.12-221013-0001.02)`: as it is called, then where it belongs.
fn title(document: &AssembleInput<'_>) -> String {
    let kind = &document.description.kind;
    let name = match kind.id == UNKNOWN_TYPE || kind.title.is_empty() {
        true => "Tài liệu",
        false => &kind.title,
    };
    let number = field(document.description, "so_ky_hieu");
    let number = number.map(|number| format!(" {number}"));
    let number = number.unwrap_or_default();
    format!("{name}{number} ({}.{:02})", document.dossier, document.n)
}

fn field(description: &Description, id: &str) -> Option<String> {
    let field = description.fields.get(id)?;
    Some(field.value.clone())
}

/// A digest over everything the file is made from, so that equal files and only
/// they have the same identifier.
fn identity(document: &AssembleInput<'_>, cover: [Option<&String>; 3]) -> Digest {
    let mut digester = Digester::new();
    let mut line = |text: &str| {
        // The length first, so that no two lists of lines make the same bytes.
        digester.update(format!("{} ", text.len()).as_bytes());
        digester.update(text.as_bytes());
    };
    line("sohoa.v1 document");
    cover
        .iter()
        .for_each(|text| line(text.map_or("", String::as_str)));
    for page in document.pages {
        line(&page.source_sha256.to_string());
        line(&page.source_page.to_string());
        line(&format!("{:?} {:?}", page.orientation, page.dpi));
        line(&writable(page.text).plain());
    }
    digester.finish()
}
