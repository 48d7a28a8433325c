//! A memory as Parquet tables: strings, subjects, and what is remembered of them, all by numbers. Other tools can read
//! them; `strings` says what the numbers stand for.
//!
//! Detectors that look at the same rows remember the same days: those stand in the tables once, under the first of them.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int32Array, Int64Array, RecordBatch, StringArray, UInt32Array, UInt64Array};
use arrow::compute::concat_batches;
use arrow::datatypes::{ArrowPrimitiveType, Field, Int32Type, Int64Type, Schema, UInt32Type, UInt64Type};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde::{Deserialize, Serialize};

use super::{Habit, Memory};
use crate::batch::{NO_ID, Role};
use crate::detector::Detector;
use crate::dictionary::{Dictionary, Domain};
use crate::error::Error;
use crate::patterns::{Active, Past, Shown, Sum};
use crate::subjects::{Key, Subjects};

/// Writes the tables of a memory into a folder and onto the disk; says whose days stand for whose.
pub(super) fn write(memory: &Memory, folder: &Path) -> Result<Shared, Error> {
    let numbered = || (0_u32..).zip(&memory.habits);
    let strings =
        || Domain::ALL.iter().flat_map(|domain| memory.dictionary.values(*domain).map(|text| (*domain, text)));
    table(
        &folder.join("strings.parquet"),
        vec![
            ("domain", numbers32(strings().map(|(domain, _)| domain as u32))),
            ("text", Arc::new(StringArray::from_iter_values(strings().map(|(_, text)| text)))),
        ],
    )?;
    let keys = || numbered().flat_map(|(habit, of)| of.subjects.keys().iter().map(move |key| (habit, key)));
    let mut columns = vec![("habit", numbers32(keys().map(|(habit, _)| habit)))];
    for (place, name) in ["first", "second", "third", "fourth"].into_iter().enumerate() {
        columns.push((name, numbers32(keys().map(|(_, key)| key[place]))));
    }
    table(&folder.join("subjects.parquet"), columns)?;
    let shown = || numbered().flat_map(|(habit, of)| of.past.shown.iter().map(move |shown| (habit, shown)));
    table(
        &folder.join("shown.parquet"),
        vec![
            ("habit", numbers32(shown().map(|(habit, _)| habit))),
            ("subject", numbers32(shown().map(|(_, shown)| shown.subject))),
            ("value", numbers32(shown().map(|(_, shown)| shown.value))),
            ("within", numbers32(shown().map(|(_, shown)| shown.within))),
            ("first", numbers64(shown().map(|(_, shown)| shown.first))),
            ("last", numbers64(shown().map(|(_, shown)| shown.last))),
        ],
    )?;
    let shared = Shared::of(memory);
    let own = |places: &'_ [usize]| {
        numbered().filter(|(habit, _)| places[*habit as usize] == *habit as usize).collect::<Vec<_>>()
    };
    let (of_days, of_sums) = (own(&shared.active), own(&shared.sums));
    let active = || of_days.iter().flat_map(|(habit, of)| of.past.active.iter().map(move |active| (*habit, active)));
    table(
        &folder.join("active.parquet"),
        vec![
            ("habit", numbers32(active().map(|(habit, _)| habit))),
            ("subject", numbers32(active().map(|(_, active)| active.subject))),
            ("day", Arc::new(active().map(|(_, active)| Some(active.day)).collect::<Int32Array>())),
            ("events", numbers32(active().map(|(_, active)| active.events))),
            ("hours", numbers32(active().map(|(_, active)| active.hours))),
        ],
    )?;
    let sums = || of_sums.iter().flat_map(|(habit, of)| of.past.sums.iter().map(move |sum| (*habit, sum)));
    table(
        &folder.join("sums.parquet"),
        vec![
            ("habit", numbers32(sums().map(|(habit, _)| habit))),
            ("subject", numbers32(sums().map(|(_, sum)| sum.subject))),
            ("log", numbers32(sums().map(|(_, sum)| sum.log))),
            ("day", Arc::new(sums().map(|(_, sum)| Some(sum.day)).collect::<Int32Array>())),
            ("total", numbers64(sums().map(|(_, sum)| sum.total))),
            ("first", numbers64(sums().map(|(_, sum)| sum.first))),
            ("last", numbers64(sums().map(|(_, sum)| sum.last))),
            ("events", Arc::new(sums().map(|(_, sum)| Some(sum.events)).collect::<UInt64Array>())),
        ],
    )?;
    Ok(shared)
}

/// For each habit, the number of the first one that remembers the same days of the same subjects: itself, if there is none
/// before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shared {
    active: Vec<usize>,
    sums: Vec<usize>,
}

impl Shared {
    fn of(memory: &Memory) -> Self {
        let first_like = |is_like: fn(&Past, &Past) -> bool| -> Vec<usize> {
            let habits = memory.habits.iter().enumerate();
            let first = habits.map(|(place, habit)| {
                let same = |other: &Habit| other.has_subjects_of(habit) && is_like(&other.past, &habit.past);
                memory.habits[..place].iter().position(same).unwrap_or(place)
            });
            first.collect()
        };
        Self {
            active: first_like(|one, other| one.active == other.active),
            sums: first_like(|one, other| one.sums == other.sums),
        }
    }

    /// Whether it speaks of so many habits, each of which is itself or has one before it.
    fn fits(&self, habits: usize) -> bool {
        let fits = |places: &[usize]| {
            places.len() == habits
                && places.iter().enumerate().all(|(place, first)| *first <= place && places[*first] == *first)
        };
        fits(&self.active) && fits(&self.sums)
    }
}

/// Reads the tables of a memory with habits of these detectors. Nothing stands for a detector that there is no more: what
/// it remembered is left out.
pub(super) fn read(folder: &Path, detectors: &[Option<&'static Detector>], shared: &Shared) -> Result<Memory, Error> {
    if !shared.fits(detectors.len()) {
        return Err(broken(folder, "its manifest does not say whose days are whose"));
    }
    let table = |name: &str| folder.join(name).with_extension("parquet");
    let habits = detectors.len();
    let dictionary = strings(&table("strings"))?;
    let keys = by_habit(&table("subjects"), habits, |rows| {
        let parts = narrow(rows, ["first", "second", "third", "fourth"])?;
        Some(Box::new(move |row| -> Key { parts.map(|part| part[row]) }))
    })?;
    let shown = || {
        by_habit(&table("shown"), habits, |rows| {
            let ([subject, value, within], [first, last]) =
                (narrow(rows, ["subject", "value", "within"])?, wide(rows, ["first", "last"])?);
            Some(Box::new(move |row| {
                let (subject, value, within) = (subject[row], value[row], within[row]);
                Shown { subject, value, within, first: first[row], last: last[row] }
            }))
        })
    };
    let active = || {
        by_habit(&table("active"), habits, |rows| {
            let ([subject, events, hours], day) = (narrow(rows, ["subject", "events", "hours"])?, days(rows)?);
            Some(Box::new(move |row| {
                let (subject, events, hours) = (subject[row], events[row], hours[row]);
                Active { subject, day: day[row], events, hours }
            }))
        })
    };
    let sums = || {
        by_habit(&table("sums"), habits, |rows| {
            let ([subject, log], day) = (narrow(rows, ["subject", "log"])?, days(rows)?);
            let [total, first, last] = wide(rows, ["total", "first", "last"])?;
            let events = rows.column_by_name("events")?.as_primitive_opt::<UInt64Type>()?.values();
            Some(Box::new(move |row| {
                let (subject, log, day) = (subject[row], log[row], day[row]);
                Sum { subject, log, day, total: total[row], events: events[row], first: first[row], last: last[row] }
            }))
        })
    };
    let (shown, (active, sums)) = rayon::join(shown, || rayon::join(active, sums));
    let (shown, active, sums) = (shown?, active?, sums?);
    let mut memory = Memory { dictionary, ..Memory::default() };
    let parts = detectors.iter().zip(keys).zip(shown).enumerate();
    for (place, ((detector, keys), shown)) in parts {
        let Some(detector) = detector else { continue };
        let (active, sums) = (active[shared.active[place]].clone(), sums[shared.sums[place]].clone());
        let subjects = Subjects::of_keys(detector.watch.subject, &keys);
        let habit = Habit { detector, subjects, past: Past { shown, active, sums } };
        if !habit.holds_together(&memory.dictionary, keys.len()) {
            return Err(broken(folder, "it speaks of strings or subjects that are not there"));
        }
        memory.habits.push(habit);
    }
    Ok(memory)
}

impl Habit {
    /// Whether subjects of one number are the same ones.
    fn has_subjects_of(&self, other: &Self) -> bool {
        self.subjects.roles == other.subjects.roles && self.subjects.keys() == other.subjects.keys()
    }

    /// Whether every number stands for something.
    fn holds_together(&self, dictionary: &Dictionary, keys: usize) -> bool {
        let roles = self.detector.watch.subject;
        let is_string = |domain: Domain, id: u32| id == NO_ID || (id as usize) < dictionary.count(domain);
        let is_subject = |subject: u32| match roles {
            [role] => subject != NO_ID && is_string(role.domain(), subject),
            _ => (subject as usize) < keys.min(self.subjects.keys().len()),
        };
        let (value, within) = self.detector.watch.pattern.remembered();
        let is_value = |role: Option<Role>, id: u32| role.is_none_or(|role| is_string(role.domain(), id));
        let mut of_keys = self.subjects.keys().iter().flat_map(|key| roles.iter().zip(key));
        of_keys.all(|(role, id)| is_string(role.domain(), *id))
            && self.past.active.iter().all(|active| is_subject(active.subject))
            && self.past.sums.iter().all(|sum| is_subject(sum.subject) && is_value(Some(Role::Log), sum.log))
            && self.past.shown.iter().all(|shown| {
                is_subject(shown.subject) && is_value(value, shown.value) && is_value(within, shown.within)
            })
    }
}

fn strings(path: &Path) -> Result<Dictionary, Error> {
    let rows = rows(path)?;
    let column = |name: &str| rows.column_by_name(name).ok_or_else(|| broken(path, "a column is missing"));
    let (domains, texts) = (column("domain")?, column("text")?);
    let (domains, texts) = (domains.as_primitive_opt::<UInt32Type>(), texts.as_string_opt::<i32>());
    let (Some(domains), Some(texts)) = (domains, texts) else {
        return Err(broken(path, "a column is of another type"));
    };
    let mut dictionary = Dictionary::default();
    for (domain, text) in domains.values().iter().zip(texts) {
        let domain = Domain::ALL.get(*domain as usize).ok_or_else(|| broken(path, "there is no such domain"))?;
        dictionary.id(*domain, text.unwrap_or_default());
    }
    Ok(dictionary)
}

/// What reads a row of a table.
type ReadRow<'r, T> = Box<dyn Fn(usize) -> T + 'r>;

/// The rows of a table, by the number of their habit.
fn by_habit<T>(
    path: &Path,
    habits: usize,
    reads: impl for<'r> Fn(&'r RecordBatch) -> Option<ReadRow<'r, T>>,
) -> Result<Vec<Vec<T>>, Error> {
    let rows = rows(path)?;
    let mut lists: Vec<Vec<T>> = (0..habits).map(|_| Vec::new()).collect();
    let (Some([of]), Some(read)) = (narrow(&rows, ["habit"]), reads(&rows)) else {
        return Err(broken(path, "a column is missing or of another type"));
    };
    for (row, habit) in of.iter().enumerate() {
        let list = lists.get_mut(*habit as usize).ok_or_else(|| broken(path, "there is no such habit"))?;
        list.push(read(row));
    }
    Ok(lists)
}

fn narrow<'r, const N: usize>(rows: &'r RecordBatch, names: [&str; N]) -> Option<[&'r [u32]; N]> {
    columns::<UInt32Type, N>(rows, names)
}

fn wide<'r, const N: usize>(rows: &'r RecordBatch, names: [&str; N]) -> Option<[&'r [i64]; N]> {
    columns::<Int64Type, N>(rows, names)
}

fn days(rows: &RecordBatch) -> Option<&[i32]> {
    columns::<Int32Type, 1>(rows, ["day"]).map(|[days]| days)
}

fn columns<'r, T: ArrowPrimitiveType, const N: usize>(
    rows: &'r RecordBatch,
    names: [&str; N],
) -> Option<[&'r [T::Native]; N]> {
    let mut columns: [&[T::Native]; N] = [&[]; N];
    for (column, name) in columns.iter_mut().zip(names) {
        *column = rows.column_by_name(name)?.as_primitive_opt::<T>()?.values();
    }
    Some(columns)
}

fn numbers32(numbers: impl Iterator<Item = u32>) -> ArrayRef {
    Arc::new(UInt32Array::from_iter_values(numbers))
}

fn numbers64(numbers: impl Iterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(numbers))
}

fn table(path: &Path, columns: Vec<(&'static str, ArrayRef)>) -> Result<(), Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Memory(format!("cannot write {}: {error}", path.display()));
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), false)).collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|error| failed(&error))?;
    let properties = WriterProperties::builder()
        .set_created_by("tokentrail".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    let file = File::create(path).map_err(|error| failed(&error))?;
    let synced = file.try_clone().map_err(|error| failed(&error))?;
    let mut writer = ArrowWriter::try_new(file, rows.schema(), Some(properties)).map_err(|error| failed(&error))?;
    writer.write(&rows).map_err(|error| failed(&error))?;
    writer.close().map_err(|error| failed(&error))?;
    synced.sync_all().map_err(|error| failed(&error))
}

fn rows(path: &Path) -> Result<RecordBatch, Error> {
    let file = File::open(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| broken(path, &error.to_string()))?;
    let schema = Arc::clone(reader.schema());
    let batches = reader.with_batch_size(1 << 16).build().map_err(|error| broken(path, &error.to_string()))?;
    let batches: Vec<RecordBatch> =
        batches.collect::<Result<_, _>>().map_err(|error| broken(path, &error.to_string()))?;
    concat_batches(&schema, &batches).map_err(|error| broken(path, &error.to_string()))
}

pub(super) fn broken(path: &Path, why: &str) -> Error {
    Error::Memory(format!(
        "cannot read the memory in {}: {why}\n\nhint: move this generation away to go on from the one before, or start anew with another --state",
        path.display()
    ))
}
