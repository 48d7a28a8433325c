//! A memory as Parquet tables: strings, subjects, and what is remembered of them, all by numbers. Other tools can read
//! them; `strings` says what the numbers stand for.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int32Array, Int64Array, RecordBatch, StringArray, UInt32Array, UInt64Array};
use arrow::compute::concat_batches;
use arrow::datatypes::{Field, Int32Type, Int64Type, Schema, UInt32Type, UInt64Type};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::{Habit, Memory};
use crate::batch::{NO_ID, Role};
use crate::detector::Detector;
use crate::dictionary::{Dictionary, Domain};
use crate::error::Error;
use crate::patterns::{Active, Past, Shown, Sum};
use crate::subjects::{Key, Subjects};

/// Writes the tables of a memory into a folder and onto the disk.
pub(super) fn write(memory: &Memory, folder: &Path) -> Result<(), Error> {
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
    let active = || numbered().flat_map(|(habit, of)| of.past.active.iter().map(move |active| (habit, active)));
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
    let sums = || numbered().flat_map(|(habit, of)| of.past.sums.iter().map(move |sum| (habit, sum)));
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
    )
}

/// Reads the tables of a memory with habits of these detectors. Nothing stands for a detector that there is no more: what
/// it remembered is left out.
pub(super) fn read(folder: &Path, detectors: &[Option<&'static Detector>]) -> Result<Memory, Error> {
    let dictionary = strings(&folder.join("strings.parquet"))?;
    let keys = by_habit(&folder.join("subjects.parquet"), detectors.len(), |rows, row| -> Option<Key> {
        let part = |name: &str| number32(rows, name, row);
        Some([part("first")?, part("second")?, part("third")?, part("fourth")?])
    })?;
    let shown = by_habit(&folder.join("shown.parquet"), detectors.len(), |rows, row| {
        let (narrow, wide) = (|name: &str| number32(rows, name, row), |name: &str| number64(rows, name, row));
        let (subject, value, within) = (narrow("subject")?, narrow("value")?, narrow("within")?);
        Some(Shown { subject, value, within, first: wide("first")?, last: wide("last")? })
    })?;
    let active = by_habit(&folder.join("active.parquet"), detectors.len(), |rows, row| {
        let narrow = |name: &str| number32(rows, name, row);
        let (subject, events, hours) = (narrow("subject")?, narrow("events")?, narrow("hours")?);
        Some(Active { subject, day: day(rows, row)?, events, hours })
    })?;
    let sums = by_habit(&folder.join("sums.parquet"), detectors.len(), |rows, row| {
        let events = rows.column_by_name("events")?.as_primitive_opt::<UInt64Type>()?.value(row);
        let (subject, total) = (number32(rows, "subject", row)?, number64(rows, "total", row)?);
        let log = number32(rows, "log", row)?;
        let (first, last) = (number64(rows, "first", row)?, number64(rows, "last", row)?);
        Some(Sum { subject, log, day: day(rows, row)?, total, events, first, last })
    })?;
    let mut memory = Memory { dictionary, ..Memory::default() };
    let parts = detectors.iter().zip(keys).zip(shown).zip(active).zip(sums);
    for ((((detector, keys), shown), active), sums) in parts {
        let Some(detector) = detector else { continue };
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

/// The rows of a table, by the number of their habit.
fn by_habit<T>(
    path: &Path,
    habits: usize,
    read: impl Fn(&RecordBatch, usize) -> Option<T>,
) -> Result<Vec<Vec<T>>, Error> {
    let rows = rows(path)?;
    let mut lists: Vec<Vec<T>> = (0..habits).map(|_| Vec::new()).collect();
    for row in 0..rows.num_rows() {
        let habit = number32(&rows, "habit", row).and_then(|habit| lists.get_mut(habit as usize));
        let (Some(list), Some(thing)) = (habit, read(&rows, row)) else {
            return Err(broken(path, "a column is missing or of another type"));
        };
        list.push(thing);
    }
    Ok(lists)
}

fn number32(rows: &RecordBatch, name: &str, row: usize) -> Option<u32> {
    Some(rows.column_by_name(name)?.as_primitive_opt::<UInt32Type>()?.value(row))
}

fn number64(rows: &RecordBatch, name: &str, row: usize) -> Option<i64> {
    Some(rows.column_by_name(name)?.as_primitive_opt::<Int64Type>()?.value(row))
}

fn day(rows: &RecordBatch, row: usize) -> Option<i32> {
    Some(rows.column_by_name("day")?.as_primitive_opt::<Int32Type>()?.value(row))
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
