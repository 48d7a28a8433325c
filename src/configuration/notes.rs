//! What is read of an element, and what is noted on the way: values that no source knows, elements that stand in the
//! wrong place.

use super::xml::Element;
use super::{IpRange, Stated};
use crate::ingest::Problem;

/// As much of a value as a problem repeats.
const SHOWN: usize = 80;

/// The problems of one file.
pub(super) struct Notes {
    file: String,
    pub(super) problems: Vec<Problem>,
}

impl Notes {
    /// Nothing noted yet.
    pub(super) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), problems: Vec::new() }
    }

    /// Notes a problem of the file.
    pub(super) fn note(&mut self, what: String, hint: &str) {
        self.problems.push(Problem { export: self.file.clone(), offset: None, what, hint: Some(hint.to_owned()) });
    }

    /// What an element says in words of a vocabulary; the default if it is not there.
    pub(super) fn word<T>(
        &mut self,
        of: &Element,
        name: &str,
        default: Stated<T>,
        parse: fn(&str) -> Stated<T>,
        hint: &str,
    ) -> Stated<T> {
        let Some(text) = self.text(of, name) else { return default };
        let said = parse(text);
        self.unless_known(&said, of, name, hint);
        said
    }

    /// Notes a value that is not known.
    pub(super) fn unless_known<T>(&mut self, said: &Stated<T>, of: &Element, name: &str, hint: &str) {
        if let Stated::Unknown(text) = said {
            self.note(format!("{} of {} is {:?}, which no source knows", name, of.written, shown(text)), hint);
        }
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, of: &Element, name: &str, default: Stated<bool>) -> Stated<bool> {
        self.word(of, name, default, yes_or_no, "it is true or false")
    }

    /// A number of minutes; none if the element is not there.
    pub(super) fn minutes(&mut self, of: &Element, name: &str) -> Stated<Option<u32>> {
        let parse = |text: &str| match text.parse() {
            Ok(number) => Stated::Known(Some(number)),
            Err(_) => Stated::Unknown(text.to_owned()),
        };
        self.word(of, name, Stated::Known(None), parse, "it is a whole number of minutes")
    }

    /// Ranges of addresses. What is no range is noted; if nothing else is there, ranges are not known.
    pub(super) fn ranges(&mut self, of: &Element, name: &str, ends: [&str; 2]) -> Stated<Vec<IpRange>> {
        let mut ranges = Vec::new();
        let mut refused = None;
        for range in of.all(name) {
            let [start, end] = ends.map(|end| range.text_of(end).unwrap_or_default());
            match IpRange::of_ends(start, end) {
                Ok(range) => ranges.push(range),
                Err(why) => {
                    let text = format!("{start}-{end}");
                    let what = format!("a range in {name} of {} {why}: {:?}", of.written, shown(&text));
                    self.note(what, "without it the ranges may look narrower or wider than they are");
                    refused.get_or_insert(text);
                }
            }
        }
        ranges.sort_unstable();
        ranges.dedup();
        match refused {
            Some(text) if ranges.is_empty() => Stated::Unknown(text),
            _ => Stated::Known(ranges),
        }
    }

    /// The text of an element. One that stands there twice with different texts counts as it stands first.
    pub(super) fn text<'e>(&mut self, of: &'e Element, name: &str) -> Option<&'e str> {
        let first = of.text_of(name)?;
        if of.all(name).any(|other| !other.text.is_empty() && other.text != first) {
            self.note(
                format!("{name} of {} stands there more than once: the first one counts", of.written),
                "keep one",
            );
        }
        Some(first)
    }

    /// Notes elements that tools and people write where Salesforce does not read them.
    pub(super) fn misplaced(&mut self, of: &Element, names: &[(&str, &str)]) {
        for (name, place) in names {
            if of.child(name).is_some() {
                let what = format!("{name} of {} stands where Salesforce does not read it", of.written);
                self.note(what, &format!("it is read as {place}"));
            }
        }
    }
}

/// Names in a list with commas, without blanks.
pub(super) fn listed(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.unwrap_or_default().split([',', ';', '\n']).map(str::trim).filter(|name| !name.is_empty())
}

/// Whether all that is said of something says yes; one that is not known leaves it open, one that says no decides.
pub(super) fn all_of(parts: [Stated<bool>; 2]) -> Stated<bool> {
    let [left, right] = parts;
    match (&left, &right) {
        (Stated::Known(false), _) | (_, Stated::Unsaid) => left,
        (_, Stated::Known(false)) | (Stated::Unsaid, _) => right,
        (Stated::Unknown(_), _) => left,
        _ => right,
    }
}

fn yes_or_no(text: &str) -> Stated<bool> {
    use crate::value::flag;
    match text {
        _ if flag::is_yes(text) => Stated::Known(true),
        _ if flag::is_no(text) => Stated::Known(false),
        _ => Stated::Unknown(text.to_owned()),
    }
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}
