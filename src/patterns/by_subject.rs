//! Things by subject. Subjects are small numbers, so a list will do.

/// One thing for each subject; those that nobody asked for are as they were made.
#[derive(Clone, Debug)]
pub(super) struct BySubject<T>(Vec<T>);

impl<T> Default for BySubject<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Default> BySubject<T> {
    /// The thing of a subject.
    pub(super) fn of(&mut self, subject: u32) -> &mut T {
        let place = subject as usize;
        if self.0.len() <= place {
            self.0.resize_with(place + 1, T::default);
        }
        &mut self.0[place]
    }
}

impl<T> BySubject<T> {
    /// The thing of a subject, if anybody has asked for it or for a later one.
    pub(super) fn get(&self, subject: u32) -> Option<&T> {
        self.0.get(subject as usize)
    }

    /// All of them, in the order of their subjects.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        (0..).zip(&self.0)
    }

    /// All of them, in the order of their subjects.
    pub(super) fn into_all(self) -> impl Iterator<Item = (u32, T)> {
        (0..).zip(self.0)
    }
}
