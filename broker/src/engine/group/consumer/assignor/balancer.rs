//! Walks the subscribers of a topic from the least and from the most loaded, while loads change by what
//! it hands out itself.

/// The subscribers of one topic by load. `loads` are those of all members; anyone who is handed out by
/// [`Balancer::least_loaded`] is expected to get a partition, and by [`Balancer::most_loaded`] to lose one.
#[derive(Debug)]
pub(super) struct Balancer {
    sorted: Vec<usize>,
    /// The least loaded are those before this place; all have `least_load` once each got one.
    least_end: usize,
    least_load: i64,
    next_least: usize,
    /// The most loaded are those between these places, all with `most_load`.
    most_start: usize,
    most_end: usize,
    most_load: i64,
    /// One above the place of the next; 0 after the first.
    next_most: usize,
}

impl Balancer {
    /// The subscribers as they stand, and how far the most loaded is above the least loaded.
    pub(super) fn new(subscribers: &[usize], loads: &[i64]) -> (Self, i64) {
        let mut sorted = subscribers.to_vec();
        sorted.sort_by_key(|member| (load(loads, *member), *member));
        let least = sorted.first().map_or(0, |member| load(loads, *member));
        let most = sorted.last().map_or(0, |member| load(loads, *member));
        let count = sorted.len();
        let balancer = Self {
            sorted,
            least_end: 0,
            least_load: least - 1,
            next_least: 0,
            most_start: count,
            most_end: count,
            most_load: most + 1,
            next_most: count,
        };
        (balancer, most - least)
    }

    /// Who should get the next partition.
    pub(super) fn least_loaded(&mut self, loads: &[i64]) -> Option<usize> {
        if self.next_least >= self.least_end {
            self.least_load += 1;
            while self.load_at(self.least_end, loads) == Some(self.least_load) {
                self.least_end += 1;
            }
            self.next_least = 0;
        }
        let member = self.sorted.get(self.next_least).copied();
        self.next_least += 1;
        member
    }

    /// Who should lose the next partition.
    pub(super) fn most_loaded(&mut self, loads: &[i64]) -> Option<usize> {
        if self.next_most <= self.most_start {
            let before = self.most_start.checked_sub(1);
            self.most_load = match before.and_then(|place| self.load_at(place, loads)) {
                // All of the range were left out.
                Some(load) if self.most_end <= self.most_start => load,
                _ => self.most_load - 1,
            };
            while let Some(place) = self.most_start.checked_sub(1) {
                if self.load_at(place, loads) != Some(self.most_load) {
                    break;
                }
                self.most_start = place;
            }
            self.next_most = self.most_end;
        }
        self.next_most = self.next_most.checked_sub(1)?;
        self.sorted.get(self.next_most).copied()
    }

    /// Leaves out whom [`Self::most_loaded`] named last.
    pub(super) fn exclude_most_loaded(&mut self) {
        if let Some(end) = self.most_end.checked_sub(1) {
            if end < self.sorted.len() && self.next_most < self.sorted.len() {
                self.sorted.swap(self.next_most, end);
            }
            self.most_end = end;
        }
    }

    pub(super) const fn is_balanced(&self) -> bool {
        self.most_load - self.least_load <= 1
    }

    fn load_at(&self, place: usize, loads: &[i64]) -> Option<i64> {
        self.sorted.get(place).map(|member| load(loads, *member))
    }
}

fn load(loads: &[i64], member: usize) -> i64 {
    loads.get(member).copied().unwrap_or_default()
}
