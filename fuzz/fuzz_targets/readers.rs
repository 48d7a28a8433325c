//! Any bytes, given to every reader. What is asked of them is in `tests/it/ingest/every_reader.rs`, which the tests
//! call too.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/it/ingest/every_reader.rs"]
mod every_reader;
#[path = "../../tests/it/ingest/packed.rs"]
mod packed;
#[path = "../../tests/it/ingest/reading.rs"]
mod reading;

fuzz_target!(
    init: {
        // libFuzzer's crate ends the process at every panic. The readers of Parquet and Arrow may panic, and are caught.
        drop(std::panic::take_hook());
    },
    |bytes: &[u8]| every_reader::every_reader(bytes)
);
