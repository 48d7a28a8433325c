//! Rows in any order, learned from in any number of parts that merge in any order: always the same findings.

use super::world::{REGISTER, World};
use super::{Heard, all_detectors, all_told};
use crate::oracle::grant::register_of;
use crate::oracle::random::Random;
use crate::oracle::rows::{Stage, place_at_random};

#[test]
fn parts_merge_to_the_whole_in_any_order() {
    let (detectors, register) = (all_detectors(), register_of(REGISTER));
    let stage = Stage { detectors: &detectors, register: &register, since: None, as_of: None, midnight: None };
    let mut heard = Heard::default();
    for case in 0..12 {
        let mut random = Random::of_case("merging", case);
        let mut rows = World::OURS.rows(&mut random);
        place_at_random(&mut rows, &mut random);
        let whole = stage.findings(&[rows.clone()], &mut random);
        heard.note(&whole);
        for round in 0..8 {
            if round % 2 == 1 {
                random.shuffle(&mut rows);
            }
            let parts = random.parts(&rows, 6);
            let merged = stage.findings(&parts, &mut random);
            assert_eq!(all_told(&merged), all_told(&whole), "case {case}, round {round}, {} parts", parts.len());
        }
    }
}
