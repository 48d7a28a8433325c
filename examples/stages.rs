//! Stages, timed (not kept).
fn cpu()->u128{ std::fs::read_to_string("/proc/thread-self/schedstat").unwrap().split(' ').next().unwrap().parse().unwrap() }
struct Instant(u128); impl Instant { fn now()->Self{Instant(cpu())} fn elapsed(&self)->std::time::Duration{ std::time::Duration::from_nanos((cpu()-self.0) as u64)} }
use tokentrail::ingest::*;
#[path = "tokentrail-w.rs"]
#[allow(dead_code)]
mod w;
fn main() -> anyhow::Result<()> {
    let d = std::env::args().nth(1).unwrap();
    let p = |n: &str| std::path::PathBuf::from(format!("{d}/{n}"));
    let paths: Vec<_> = std::fs::read_dir(&d)?.map(|e| e.unwrap().path()).collect();
    let _ = p;
    let (exports, _) = discover(&paths);
    let schemas = tokentrail::schema::Schemas::embedded()?;
    let register = tokentrail::apps::Register::default();
    let detectors = w::detectors();
    let values = tokentrail::settings::Values::defaults(&detectors);
    let demand = tokentrail::engine::demand(&detectors);
    for round in 0..std::env::var("N").map_or(2, |n| n.parse().unwrap()) {
        let feed = Feed::new(&exports, &schemas, &demand, Limits { block_bytes: std::env::var("BB").map_or(1 << 20, |b| b.parse().unwrap()), ..Limits::default() });
        let mut q = Vec::new();
        let turns = Turns::new(&mut q);
        let mut shaper = Shaper::new(&demand, &register, None);
        let mut partial = tokentrail::engine::Partial::new(&detectors, &values, None);
        let mut buffer = Vec::new();
        let (mut a, mut b, mut c) = (0u128, 0u128, 0u128);
        let mut rows = 0;
        loop {
            let t = Instant::now();
            let Some(shaped) = feed.next(&mut shaper, &mut buffer) else { break };
            a += t.elapsed().as_nanos();
            let t = Instant::now();
            let batch = turns.take(shaped, &exports);
            b += t.elapsed().as_nanos();
            rows += batch.rows() as u128;
            let t = Instant::now();
            partial.observe(batch, &shaper.dictionary);
            c += t.elapsed().as_nanos();
        }
        println!("{round}: rows {rows} shape {} ns/row, turns {} , observe {}", a / rows, b / rows, c / rows);
        partial.dictionary = shaper.dictionary;
        std::mem::forget(partial);
    }
    Ok(())
}
