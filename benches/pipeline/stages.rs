//! The stages inside a scan, each alone: cells found, rows shown to one pattern, what two workers learned merged, and
//! the values that take most work.

use std::fs;
use std::hint::black_box;

use anyhow::{Context, ensure};
use criterion::{BatchSize, Criterion, Throughput};
use tokentrail::batch::{Batch, Role, Table};
use tokentrail::detector::{Detector, Matching, Watch};
use tokentrail::detectors;
use tokentrail::dictionary::Dictionary;
use tokentrail::engine::{self, Partial};
use tokentrail::ingest::{
    Demand, Feed, Limits, QuarantinedRow, Shaper, Turns, count_csv_records, csv_records, json_cells,
};
use tokentrail::patterns::Pattern;
use tokentrail::value::{Address, Time, soql};

use super::Run;
use super::inputs::Inputs;

/// Finds records and cells: the CSV kernel, the strict walk, and the quick way through JSON objects, whose cells are
/// copied too.
pub(crate) fn scan(criterion: &mut Criterion, inputs: &Inputs) -> anyhow::Result<()> {
    let mut group = criterion.benchmark_group("scan");
    let text = fs::read(inputs.export(Table::Calls, "csv"))?;
    let header = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let columns = header.split(|byte| *byte == b',').count();
    // About a block, as a worker gets it.
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').skip(1).take(2000).collect();
    let block = lines.concat();
    let whole =
        csv_records(&block, columns, false).is_some_and(|records| records.iter().all(|one| one.wrong.is_none()));
    ensure!(whole && count_csv_records(&block, columns, false) == Some(lines.len()), "rows are whole");
    group.throughput(Throughput::Bytes(block.len() as u64));
    group.bench_function("strict", |bencher| bencher.iter(|| count_csv_records(black_box(&block), columns, false)));
    if count_csv_records(&block, columns, true).is_some() {
        group.bench_function("quick", |bencher| bencher.iter(|| count_csv_records(black_box(&block), columns, true)));
    }
    let text = fs::read(inputs.export(Table::Calls, "ndjson"))?;
    let objects: Vec<&[u8]> = text.split(|byte| *byte == b'\n').take(2000).collect();
    let run = Run::of(&[inputs.export(Table::Calls, "ndjson")], detectors::ALL, &inputs.apps())?;
    let schema = run.schemas.iter().find(|schema| schema.event_type == "ApiEvent").context("a schema of API events")?;
    ensure!(objects.iter().all(|object| json_cells(object, schema, true).is_some()), "objects are read quickly");
    group.throughput(Throughput::Bytes(objects.iter().map(|object| object.len() as u64).sum()));
    group.bench_function("json", |bencher| {
        bencher.iter(|| objects.iter().filter_map(|object| json_cells(object, schema, true)).count());
    });
    group.finish();
    Ok(())
}

/// Reads everything into batches, and keeps them with the strings that they speak of.
pub(crate) fn batches(run: &Run<'_>, demand: &Demand) -> (Vec<Batch>, Dictionary) {
    let mut quarantine = Vec::<QuarantinedRow>::new();
    let feed = Feed::new(&run.exports, &run.schemas, demand, Limits::default());
    let turns = Turns::new(&mut quarantine);
    let (mut shaper, mut buffer, mut batches) = (Shaper::new(demand, &run.register, None), Vec::new(), Vec::new());
    while let Some(shaped) = feed.next(&mut shaper, &mut buffer) {
        batches.extend(turns.take(shaped, &run.exports));
    }
    (batches, shaper.dictionary)
}

/// Shows batches that are there already to one detector of a pattern; bytes are those of the export.
pub(crate) fn observe(criterion: &mut Criterion, inputs: &Inputs) -> anyhow::Result<()> {
    let mut group = criterion.benchmark_group("observe");
    let known = |id: &str| detectors::find(id).with_context(|| format!("the detector {id}"));
    let first_seen = known("app-new-network")?;
    // No detector looks for deviations so far.
    let pattern = Pattern::Deviation { sum: Role::Rows };
    let watch = Watch { tables: &[Table::Calls], matching: Matching::All, subject: &[Role::App], pattern };
    let deviation: &'static Detector =
        Box::leak(Box::new(Detector { id: "deviation", watch, limits: &[], ..*first_seen }));
    let watching = [
        ("first_seen", first_seen),
        ("deviation", deviation),
        ("spread", known("jwt-two-addresses")?),
        ("age", known("token-idle")?),
    ];
    for (name, detector) in watching {
        let chosen = [detector];
        let run = Run::of(&[inputs.export(detector.watch.tables[0], "csv")], &chosen, &inputs.apps())?;
        let (batches, dictionary) = batches(&run, &engine::demand(&chosen));
        ensure!(!batches.is_empty(), "{} has rows to watch", detector.id);
        group.throughput(run.throughput());
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || (Partial::new(&run.scan(1)), batches.clone()),
                |(partial, batches)| shown(partial, batches, &dictionary),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
    Ok(())
}

fn shown(mut partial: Partial, batches: Vec<Batch>, dictionary: &Dictionary) -> Partial {
    for batch in batches {
        partial.observe(batch, dictionary);
    }
    partial
}

/// Merges what two workers have learned, each from every other batch of the calls, for all detectors; bytes are those
/// of the export.
pub(crate) fn merge(criterion: &mut Criterion, inputs: &Inputs) -> anyhow::Result<()> {
    let mut group = criterion.benchmark_group("merge");
    let run = Run::of(&[inputs.export(Table::Calls, "csv")], detectors::ALL, &inputs.apps())?;
    let (batches, dictionary) = batches(&run, &engine::demand(detectors::ALL));
    let learned = |parity: usize| {
        let own = batches.iter().enumerate().filter(|(number, _)| number % 2 == parity).map(|(_, batch)| batch.clone());
        let mut partial = shown(Partial::new(&run.scan(1)), own.collect(), &dictionary);
        partial.dictionary = dictionary.clone();
        partial
    };
    let workers = [learned(0), learned(1)];
    group.throughput(run.throughput());
    group.bench_function("2", |bencher| {
        bencher.iter_batched(|| workers.clone(), |[one, other]| one.merge(other), BatchSize::LargeInput);
    });
    group.finish();
    Ok(())
}

/// Reads a thousand different values of a kind; bytes are those of the values.
pub(crate) fn values(criterion: &mut Criterion) {
    let made = |one: fn(usize) -> String| (0..1000).map(one).collect::<Vec<_>>();
    let mut group = criterion.benchmark_group("value");
    let mut bench = |name: &str, texts: Vec<String>, read: fn(&str) -> bool| {
        assert!(texts.iter().all(|text| read(text)), "every {name} can be read");
        group.throughput(Throughput::Bytes(texts.iter().map(|text| text.len() as u64).sum()));
        group.bench_function(name, |bencher| {
            bencher.iter(|| texts.iter().filter(|text| read(black_box(text))).count());
        });
    };
    let time = |number| format!("2025-08-{:02}T11:{:02}:{:02}.214Z", 1 + number % 28, number % 60, number / 17);
    bench("time", made(time), |text| Time::parse(text.as_bytes(), None).is_ok());
    let address = |number| format!("198.18.{}.{}", number / 250, number % 250);
    bench("address", made(address), |text| Address::parse(text).is_ok());
    let query = |number| format!("SELECT Id, Name FROM Contact WHERE AccountId = '001Tr0001{number:06}' LIMIT 200");
    bench("query", made(query), |text| !black_box(soql::read(text)).objects.is_empty());
    group.finish();
}
