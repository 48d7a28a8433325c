//! A progress bar on standard error, where somebody is watching.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that follows a count of bytes until it is dropped.
pub(super) struct Progress {
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Follows `taken` up to `total`. Shows nothing if nobody watches, or if the work is done at once.
    pub(super) fn follow(taken: Arc<AtomicU64>, total: u64, quiet: bool) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        if quiet || !std::io::stderr().is_terminal() {
            return Self { done, thread: None };
        }
        let finished = Arc::clone(&done);
        let thread = std::thread::spawn(move || {
            // Work that takes less than this needs no bar.
            std::thread::park_timeout(Duration::from_millis(400));
            let bar = ProgressBar::new(total).with_style(style());
            while !finished.load(Ordering::Relaxed) {
                bar.set_position(taken.load(Ordering::Relaxed).min(total));
                std::thread::park_timeout(Duration::from_millis(100));
            }
            bar.finish_and_clear();
        });
        Self { done, thread: Some(thread) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("reading {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}
