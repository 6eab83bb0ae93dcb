//! The schemas of the descriptions, printed from the same data that fills them.
//!
//! The circular prints schemas that contradict its own tables (16, 17 or 18 fields), so none of them is
//! copied: what a package carries is what its descriptions are held against.

use super::super::rules::FieldRule;
use super::super::xml::Element;

/// The schema of a `<simpledc>` with these fields.
pub fn of(rules: &'static [FieldRule]) -> Vec<u8> {
    let fields = rules.iter().map(field);
    let sequence = Element::new("xs:sequence").children(fields);
    let root = Element::new("xs:element")
        .with("name", "simpledc")
        .child(Element::new("xs:complexType").child(sequence));
    Element::new("xs:schema")
        .with("xmlns:xs", "http://www.w3.org/2001/XMLSchema")
        .with("elementFormDefault", "qualified")
        .child(root)
        .document()
}

fn field(rule: &FieldRule) -> Element {
    let mut limits = Element::new("xs:restriction").with("base", "xs:string");
    if rule.required {
        limits = limits.child(Element::new("xs:minLength").with("value", 1));
    }
    if let Some(limit) = rule.limit {
        limits = limits.child(Element::new("xs:maxLength").with("value", limit));
    }
    Element::new("xs:element")
        .with("name", &rule.name)
        .child(Element::new("xs:simpleType").child(limits))
}
