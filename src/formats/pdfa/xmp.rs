//! The XMP packet: the metadata of the file, in step with the Info dictionary.
//!
//! ISO 19005-2, 6.6.2 to 6.6.4. Only properties of predefined schemas are used,
//! so no extension schema is needed.

use super::DocumentInfo;
use super::letters::clean;

/// Who wrote the file, as both `/Producer` and `pdf:Producer`.
const PRODUCER: &str = concat!("sohoa ", env!("CARGO_PKG_VERSION"));

/// Most characters of one metadata string. A PDF string ends at 32767 bytes
/// (ISO 19005-2, 6.1.13); viewers show far less of a title.
const MAX_CHARS: usize = 1000;

/// The metadata as it stands, word for word, in Info and in XMP.
pub(super) struct Metadata {
    /// `/Producer`, `pdf:Producer`.
    pub producer: String,
    /// `/Title`, `dc:title`.
    pub title: Option<String>,
    /// `/Subject`, `dc:description`.
    pub subject: Option<String>,
    /// `/Author`, `dc:creator`.
    pub author: Option<String>,
}

impl Metadata {
    /// One clean line each, cut to a length; what is empty is left out.
    pub fn of(info: &DocumentInfo) -> Self {
        let given = |text: &str| Some(line(text)).filter(|line| !line.is_empty());
        Self {
            producer: PRODUCER.to_owned(),
            title: given(&info.title),
            subject: info.subject.as_deref().and_then(given),
            author: info.author.as_deref().and_then(given),
        }
    }

    /// True where every string is one that [`Metadata::of`] may give.
    pub fn is_clean(&self) -> bool {
        let optional = [&self.title, &self.subject, &self.author];
        let mut given = optional.into_iter().flatten();
        let is_line = |text: &String| {
            !text.is_empty() && clean(text) == *text && text.chars().count() <= MAX_CHARS + 1
        };
        is_line(&self.producer) && given.all(is_line)
    }

    /// The packet (ISO 16684-1, 7.3), uncompressed so that any tool finds it.
    pub fn packet(&self) -> String {
        let producer = escape(&self.producer);
        let title = container("dc:title", "Alt", " xml:lang=\"x-default\"", &self.title);
        let subject = container(
            "dc:description",
            "Alt",
            " xml:lang=\"x-default\"",
            &self.subject,
        );
        let author = container("dc:creator", "Seq", "", &self.author);
        format!(
            "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
             <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n\
             <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n\
             <rdf:Description rdf:about=\"\"\n\
             \x20 xmlns:dc=\"http://purl.org/dc/elements/1.1/\"\n\
             \x20 xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\"\n\
             \x20 xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">\n\
             <pdfaid:part>2</pdfaid:part>\n\
             <pdfaid:conformance>U</pdfaid:conformance>\n\
             <dc:format>application/pdf</dc:format>\n\
             {title}{subject}{author}\
             <pdf:Producer>{producer}</pdf:Producer>\n\
             </rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n\
             <?xpacket end=\"w\"?>"
        )
    }
}

fn line(text: &str) -> String {
    let line = clean(text);
    match line.char_indices().nth(MAX_CHARS) {
        Some((cut, _)) => format!("{}…", line[..cut].trim_end()),
        None => line,
    }
}

/// A property with one item, as the schema wants it; nothing for nothing.
fn container(property: &str, kind: &str, attribute: &str, text: &Option<String>) -> String {
    let Some(text) = text else {
        return String::new();
    };
    let item = format!("<rdf:li{attribute}>{}</rdf:li>", escape(text));
    format!("<{property}><rdf:{kind}>{item}</rdf:{kind}></{property}>\n")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Digest;

    fn metadata(title: &str) -> Metadata {
        Metadata::of(&DocumentInfo {
            title: title.to_owned(),
            subject: Some(" \n".to_owned()),
            author: Some("UBND \"tỉnh\" <A>".to_owned()),
            identity: Digest::of(b""),
        })
    }

    #[test]
    fn markup_in_the_title_stays_text() {
        let packet = metadata("a<b>&\"c\"</rdf:li>").packet();
        assert!(packet.contains("a&lt;b&gt;&amp;\"c\"&lt;/rdf:li&gt;</rdf:li>"));
        assert!(packet.contains("UBND \"tỉnh\" &lt;A&gt;"));
    }

    #[test]
    fn an_empty_subject_is_left_out_of_both() {
        let metadata = metadata("t");
        assert_eq!(metadata.subject, None);
        assert!(!metadata.packet().contains("dc:description"));
    }

    #[test]
    fn a_title_without_end_is_cut() {
        let title = metadata(&"ữ".repeat(5000)).title.expect("a title");
        assert_eq!(title.chars().count(), MAX_CHARS + 1);
        assert!(title.ends_with('…'));
    }
}
