//! All integration tests, in one binary: linking is what costs.

mod contract;
mod detector_pages;
mod emitters;
mod page;
mod run;
