//! Metadata files as small trees. No reader of XML in general: a document type, an entity or a second root is refused.
//!
//! Element names lose their namespace prefix and their case. Attributes say nothing here and are passed over. What is
//! inside `consumerSecret` is skipped, wherever it stands; no error repeats any of the text.

use quick_xml::Reader;
use quick_xml::errors::Error;
use quick_xml::events::{BytesRef, Event};

/// Deeper than any metadata: a profile has three levels.
const DEEPEST: usize = 32;
/// More than the largest profiles have.
const MOST_ELEMENTS: usize = 1_000_000;

/// An element, its own text, and what is in it.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// Its name in lower case, without a namespace prefix.
    pub(super) name: String,
    /// The same as it is written.
    pub(super) written: String,
    /// Its own text, without blanks around it.
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

/// Why a file is not read.
#[derive(Debug)]
pub(super) struct Refused {
    /// The byte of the text where it shows, when it shows somewhere.
    pub(super) offset: Option<u64>,
    pub(super) what: String,
    pub(super) hint: &'static str,
}

impl Element {
    /// The elements of this name in this one.
    pub(super) fn all<'e>(&'e self, name: &str) -> impl Iterator<Item = &'e Element> {
        let name = name.to_ascii_lowercase();
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element of this name in this one.
    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.all(name).next()
    }

    /// The text of the first element of this name, if there is any.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.all(name).map(|child| child.text.as_str()).find(|text| !text.is_empty())
    }
}

/// The name of the root element in the first bytes of a file, as [`Element::name`]; nothing if they do not show one.
pub(super) fn root_name(head: &str) -> Option<String> {
    let mut reader = Reader::from_str(head);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) | Event::Empty(tag) => return Some(lower(tag.local_name().as_ref())),
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// The tree of a file.
pub(super) fn parse(bytes: &[u8]) -> Result<Element, Refused> {
    let text = utf8(bytes)?;
    let mut reader = Reader::from_str(text);
    let mut tree = Tree { open: Vec::new(), root: None, elements: 0 };
    loop {
        let event = reader.read_event().map_err(|error| broken(&error, reader.error_position()))?;
        let at = reader.buffer_position();
        match event {
            Event::Start(tag) if is_secret(tag.local_name().as_ref()) => {
                reader.read_to_end(tag.name()).map_err(|error| broken(&error, at))?;
            }
            Event::Empty(tag) if is_secret(tag.local_name().as_ref()) => {}
            Event::Start(tag) => tree.open(tag.local_name().as_ref(), at)?,
            Event::Empty(tag) => {
                tree.open(tag.local_name().as_ref(), at)?;
                tree.close();
            }
            Event::End(_) => tree.close(),
            Event::Text(text) => tree.write(&text.xml10_content()),
            Event::CData(text) => tree.write(&text.xml10_content()),
            Event::GeneralRef(reference) => tree.write(character(&reference, at)?.encode_utf8(&mut [0; 4])),
            Event::DocType(_) => {
                let what = "has a document type (DOCTYPE): such files are not read";
                return Err(refuse(
                    at,
                    what,
                    "metadata that Salesforce gives out has none: find out who made the file",
                ));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if !tree.open.is_empty() {
        return Err(refuse(reader.buffer_position(), "ends in the middle of an element", "copy or retrieve it again"));
    }
    tree.root.ok_or_else(|| refuse(0, "has no element", "copy or retrieve it again"))
}

/// Elements that are not closed yet, and the one that everything is in.
struct Tree {
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl Tree {
    fn open(&mut self, written: &str, at: u64) -> Result<(), Refused> {
        let hint = "metadata that Salesforce gives out is not like that: find out who made the file";
        self.elements += 1;
        if self.open.is_empty() && self.root.is_some() {
            return Err(refuse(at, "has more than one root element", hint));
        }
        if self.open.len() >= DEEPEST {
            return Err(refuse(at, &format!("has elements more than {DEEPEST} deep"), hint));
        }
        if self.elements > MOST_ELEMENTS {
            return Err(refuse(at, &format!("has more than {MOST_ELEMENTS} elements"), hint));
        }
        self.open.push(Element { name: lower(written), written: written.to_owned(), ..Element::default() });
        Ok(())
    }

    fn close(&mut self) {
        let Some(mut element) = self.open.pop() else { return };
        element.text = String::from(element.text.trim());
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn write(&mut self, text: &str) {
        if let Some(element) = self.open.last_mut() {
            element.text.push_str(text);
        }
    }
}

/// The character that a reference stands for: one of XML's five, or one by its number. Others would have to be declared.
fn character(reference: &BytesRef<'_>, at: u64) -> Result<char, Refused> {
    let name: &str = reference;
    let named = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => reference.resolve_char_ref().ok().flatten(),
    };
    named.ok_or_else(|| {
        refuse(at, "uses an entity that XML does not know by itself", "write the character itself, or its number")
    })
}

fn utf8(bytes: &[u8]) -> Result<&str, Refused> {
    let hint = "save it as UTF-8";
    if is_utf16(bytes) {
        return Err(refuse(0, "is UTF-16, which is not read", hint));
    }
    let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bare).map_err(|error| {
        let at = (error.valid_up_to() + bytes.len() - bare.len()) as u64;
        refuse(at, "is not UTF-8", hint)
    })
}

/// Whether the first bytes are UTF-16, with or without a byte-order mark.
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'<', 0, ..] | [0, b'<', ..])
}

/// The error without its own words, for those may repeat what stands in the file.
fn broken(error: &Error, at: u64) -> Refused {
    let what = match error {
        Error::IllFormed(_) => "is not XML: elements do not close as they open",
        _ => "is not XML",
    };
    refuse(at, what, "the file may be cut off or edited by hand: retrieve it again")
}

fn refuse(at: u64, what: &str, hint: &'static str) -> Refused {
    Refused { offset: Some(at), what: what.to_owned(), hint }
}

fn is_secret(name: &str) -> bool {
    name.eq_ignore_ascii_case("consumerSecret")
}

fn lower(name: &str) -> String {
    name.to_ascii_lowercase()
}
