//! Answers that were given before: of a thousand exports, most have the header of another one.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Answers by question. Headers are foreign text: when there are too many, all are forgotten.
#[derive(Debug)]
pub(super) struct Memo<Q, A> {
    answers: Mutex<HashMap<Q, A>>,
}

const REMEMBERED: usize = 4096;

impl<Q: Hash + Eq, A: Copy> Memo<Q, A> {
    pub(super) fn get_or<B: Hash + Eq + ToOwned<Owned = Q> + ?Sized>(&self, question: &B, answer: impl Fn() -> A) -> A
    where
        Q: Borrow<B>,
    {
        let known = |answers: &HashMap<Q, A>| answers.get(question).copied();
        if let Some(known) = known(&self.answers.lock().unwrap_or_else(PoisonError::into_inner)) {
            return known;
        }
        let answer = answer();
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= REMEMBERED {
            answers.clear();
        }
        answers.insert(question.to_owned(), answer);
        answer
    }
}

impl<Q, A> Default for Memo<Q, A> {
    fn default() -> Self {
        Self { answers: Mutex::default() }
    }
}

/// A copy begins anew.
impl<Q, A> Clone for Memo<Q, A> {
    fn clone(&self) -> Self {
        Self::default()
    }
}
