//! What each stage of a scan costs, in the library and in bytes per second.
//!
//! Stages: bytes to cells (`scan`), exports to batches (`ingest`), batches to one pattern (`observe`), what two workers
//! learned into one (`merge`), judging it (`finish`), writing (`emit`); single values (`value`). Several at once: the
//! whole first half (`whole`), one detector from its exports to its matches (`patterns`). Bytes are those of the text,
//! also where it is compressed or in columns. Whole programs, and those of others, are compared in `benches/rivals`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::ensure;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use tokentrail::apps::Register;
use tokentrail::batch::Table;
use tokentrail::detector::Detector;
use tokentrail::engine::{Observed, Scan, Window};
use tokentrail::finding::Finding;
use tokentrail::ingest::{Export, Limits, QuarantinedRow, discover};
use tokentrail::lists::Lists;
use tokentrail::schema::Schemas;
use tokentrail::settings::Values;
use tokentrail::value::Time;
use tokentrail::{detectors, emit, engine};

mod inputs;
mod stages;

use inputs::Inputs;

fn main() -> anyhow::Result<()> {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let inputs = Inputs::made()?;
    check(&inputs)?;
    stages::scan(&mut criterion, &inputs)?;
    ingest(&mut criterion, &inputs)?;
    stages::observe(&mut criterion, &inputs)?;
    stages::merge(&mut criterion, &inputs)?;
    whole(&mut criterion, &inputs)?;
    patterns(&mut criterion, &inputs)?;
    finish(&mut criterion, &inputs)?;
    emitters(&mut criterion)?;
    stages::values(&mut criterion);
    criterion.final_summary();
    Ok(())
}

/// Every row can be used and is new: a row that is left out would make everything look quicker.
fn check(inputs: &Inputs) -> anyhow::Result<()> {
    for export in inputs.exports() {
        let run = Run::of(&[export], detectors::ALL, &inputs.apps())?;
        let Observed { problems, counts, .. } = observed(&run.scan(1));
        ensure!(problems.is_empty(), "{problems:?}");
        ensure!(counts.values().all(|count| count.read == count.used), "{counts:?}");
    }
    Ok(())
}

/// Reads and shows all rows to all detectors.
fn whole(criterion: &mut Criterion, inputs: &Inputs) -> anyhow::Result<()> {
    let mut group = criterion.benchmark_group("whole");
    for form in ["csv", "csv.gz", "ndjson"] {
        let run = Run::of(&[inputs.export(Table::Calls, form)], detectors::ALL, &inputs.apps())?;
        group.throughput(Throughput::Bytes(inputs.text_bytes(form)?));
        for threads in [1, 2] {
            let scan = run.scan(threads);
            group.bench_function(BenchmarkId::new(form, threads), |bencher| {
                bencher.iter(|| observed(&scan));
            });
        }
    }
    group.finish();
    Ok(())
}

/// Makes batches of all that any detector reads, and shows them to nobody.
fn ingest(criterion: &mut Criterion, inputs: &Inputs) -> anyhow::Result<()> {
    let mut group = criterion.benchmark_group("ingest");
    let demand = engine::demand(detectors::ALL);
    for (name, form) in
        [("csv", "csv"), ("gz", "csv.gz"), ("zst", "csv.zst"), ("ndjson", "ndjson"), ("parquet", "parquet")]
    {
        let run = Run::of(&[inputs.export(Table::Calls, form)], detectors::ALL, &inputs.apps())?;
        group.throughput(Throughput::Bytes(inputs.text_bytes(form)?));
        group.bench_function(name, |bencher| bencher.iter(|| stages::batches(&run, &demand)));
    }
    group.finish();
    Ok(())
}

/// One detector alone, from the exports of the tables that it watches to its matches.
fn patterns(criterion: &mut Criterion, inputs: &Inputs) -> anyhow::Result<()> {
    let mut group = criterion.benchmark_group("patterns");
    for detector in detectors::ALL {
        let made = detector.watch.tables.iter().filter(|table| inputs::TABLES.contains(table));
        let exports: Vec<PathBuf> = made.map(|table| inputs.export(*table, "csv")).collect();
        if exports.is_empty() {
            continue;
        }
        let chosen = [*detector];
        let run = Run::of(&exports, &chosen, &inputs.apps())?;
        let scan = run.scan(1);
        group.throughput(run.throughput());
        group.bench_function(detector.id, |bencher| {
            bencher.iter(|| observed(&scan).partial.judge(&scan));
        });
    }
    group.finish();
    Ok(())
}

/// Judges what all detectors have learned from all tables; the copy that is used up is not counted.
fn finish(criterion: &mut Criterion, inputs: &Inputs) -> anyhow::Result<()> {
    let exports = inputs::TABLES.map(|table| inputs.export(table, "csv"));
    let run = Run::of(&exports, detectors::ALL, &inputs.apps())?;
    let scan = run.scan(1);
    let partial = observed(&scan).partial;
    let mut group = criterion.benchmark_group("finish");
    group.throughput(run.throughput());
    group.bench_function("judge", |bencher| {
        bencher.iter_batched(|| partial.clone(), |partial| partial.judge(&scan), BatchSize::LargeInput);
    });
    group.finish();
    Ok(())
}

/// Writes 1,000 findings in each format; bytes are those written.
fn emitters(criterion: &mut Criterion) -> anyhow::Result<()> {
    let findings = thousand_findings()?;
    let mut group = criterion.benchmark_group("emit");
    for emitter in emit::all(Time::LATEST) {
        let mut records = Vec::new();
        for finding in &findings {
            emitter.emit(finding, &mut records)?;
        }
        group.throughput(Throughput::Bytes(records.len() as u64));
        group.bench_function(emitter.name(), |bencher| {
            bencher.iter(|| emit::write_parts(emitter.as_ref(), &findings, |_| Ok(io::sink())));
        });
    }
    group.finish();
    Ok(())
}

/// The findings in the sample data, over and over.
fn thousand_findings() -> anyhow::Result<Vec<Finding>> {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    let run = Run::of(&[sample.join("quiet"), sample.join("staged")], detectors::ALL, &sample.join("apps.toml"))?;
    let found = engine::scan(&run.scan(1), &mut Vec::<QuarantinedRow>::new())?.findings;
    ensure!(!found.is_empty(), "nothing is found in {}", sample.display());
    Ok(found.into_iter().cycle().take(1000).collect())
}

fn observed(scan: &Scan<'_>) -> Observed {
    engine::observe(scan, &mut Vec::<QuarantinedRow>::new())
}

/// All that a scan borrows.
struct Run<'d> {
    exports: Vec<Export>,
    detectors: &'d [&'static Detector],
    schemas: Schemas,
    lists: Arc<Lists>,
    values: Values,
    register: Register,
}

impl<'d> Run<'d> {
    fn of(paths: &[PathBuf], detectors: &'d [&'static Detector], apps: &Path) -> anyhow::Result<Self> {
        let (exports, problems) = discover(paths);
        ensure!(problems.is_empty(), "{problems:?}");
        let (schemas, values) = (Schemas::embedded()?, Values::defaults(detectors));
        let lists = Arc::new(Lists::embedded()?);
        Ok(Self { exports, detectors, schemas, values, lists, register: Register::read(apps)? })
    }

    fn throughput(&self) -> Throughput {
        Throughput::Bytes(self.exports.iter().map(|export| export.size).sum())
    }

    fn scan(&self, threads: usize) -> Scan<'_> {
        Scan {
            exports: &self.exports,
            schemas: &self.schemas,
            detectors: self.detectors,
            values: &self.values,
            register: &self.register,
            lists: Arc::clone(&self.lists),
            networks: Arc::default(),
            resolve_apps: true,
            org: None,
            zone: None,
            idle_by_date: false,
            window: Window::default(),
            as_of: None,
            threads,
            limits: Limits::default(),
            memory: None,
            taken: Arc::default(),
        }
    }
}
