//! Parts of things, put together now and then.
//!
//! A row's part joins the part of its subject that is at hand. Those at hand are few, so that they stay near; one that has
//! to go is written at the end of one list. When what was written has become more than what lies in order before it, it is
//! put in order, too, the two are merged, and parts of one thing become one. If most were parts of known things, more are
//! kept at hand from then on; if few were, more is written before the next time. A place for each thing would have to be
//! looked for in memory at every row, and that is what costs time where there are many.

use rayon::slice::ParallelSliceMut;

/// What rows tell of one thing. Taking in is commutative and associative.
pub(crate) trait Part: Copy + Send {
    /// What the thing goes by.
    type Key: Ord;

    fn key(&self) -> Self::Key;

    /// Whose thing it is.
    fn subject(&self) -> u32;

    /// Takes in another part of the same thing.
    fn absorb(&mut self, other: &Self);
}

/// Parts of many things.
#[derive(Clone, Debug)]
pub(crate) struct Folded<P> {
    /// Each where its subject belongs; empty before the first row.
    at_hand: Vec<Option<P>>,
    parts: Vec<P>,
    /// So many parts are in order, each of another thing.
    in_order: usize,
    /// How many times as much is written before it is put in order.
    patience: usize,
}

/// How many are at hand at first, and at most: powers of two.
const AT_HAND: [usize; 2] = [128, 8192];

/// Parts are not put together before there are this many.
const FEW: usize = 1 << 12;

/// The most [`Folded::patience`]: parts of known things that are written meanwhile take memory.
const MOST_PATIENCE: usize = 8;

impl<P> Default for Folded<P> {
    fn default() -> Self {
        Self { at_hand: Vec::new(), parts: Vec::new(), in_order: 0, patience: 1 }
    }
}

impl<P: Part> Folded<P> {
    #[inline]
    pub(crate) fn add(&mut self, part: P) {
        if self.at_hand.is_empty() {
            self.at_hand.resize(AT_HAND[0], None);
        }
        let place = part.subject() as usize & (self.at_hand.len() - 1);
        match &mut self.at_hand[place] {
            Some(known) if known.key() == part.key() => known.absorb(&part),
            place => {
                if let Some(done) = place.replace(part) {
                    self.put(done);
                }
            }
        }
    }

    fn put(&mut self, part: P) {
        self.parts.push(part);
        let written = self.parts.len() - self.in_order;
        if written > FEW + self.patience * self.in_order {
            let known = self.in_order;
            self.put_together();
            if self.in_order - known > written / 2 {
                self.patience = MOST_PATIENCE.min(2 * self.patience);
            } else if self.at_hand.len() < AT_HAND[1] {
                self.keep_more_at_hand();
            }
        }
    }

    fn keep_more_at_hand(&mut self) {
        let more = vec![None; 4 * self.at_hand.len()];
        self.parts.extend(std::mem::replace(&mut self.at_hand, more).into_iter().flatten());
    }

    /// Takes in others, which are put together later.
    pub(crate) fn extend(&mut self, parts: impl IntoIterator<Item = P>) {
        if self.parts.is_empty() {
            // Of a list that nobody else needs, this takes the memory, too.
            self.parts = parts.into_iter().collect();
        } else {
            self.parts.extend(parts);
        }
    }

    /// See [`Folded::into_parts`].
    pub(crate) fn parts(&self) -> impl Iterator<Item = &P> {
        self.parts.iter().chain(self.at_hand.iter().flatten())
    }

    /// All parts, in no particular order; there may be several of one thing.
    pub(crate) fn into_parts(mut self) -> Vec<P> {
        self.parts.extend(self.at_hand.into_iter().flatten());
        self.parts
    }

    /// One of each thing, in the order of their keys.
    pub(crate) fn into_whole(mut self) -> Vec<P> {
        let at_hand = std::mem::take(&mut self.at_hand);
        self.parts.extend(at_hand.into_iter().flatten());
        self.parts[self.in_order..].par_sort_unstable_by_key(P::key);
        self.put_together();
        self.parts
    }

    fn put_together(&mut self) {
        self.parts[self.in_order..].sort_unstable_by_key(P::key);
        // Two runs, which this merges in one go.
        self.parts.sort_by_key(P::key);
        self.parts.dedup_by(|next, known| {
            let same = next.key() == known.key();
            if same {
                known.absorb(next);
            }
            same
        });
        self.in_order = self.parts.len();
    }
}

/// Two numbers as one that is in their order.
pub(crate) fn packed(subject: u32, number: i32) -> u64 {
    u64::from(subject) << 32 | u64::from(number.cast_unsigned() ^ 1 << 31)
}
