//! Java's `PriorityQueue`, whose order among equals the assignment shows.

/// A binary heap with the least first.
#[derive(Debug, Default, Clone)]
pub(super) struct Least<T> {
    heap: Vec<T>,
}

impl<T: Copy> Least<T> {
    /// Puts a row in; `less` compares two.
    pub(super) fn push(&mut self, row: T, less: impl Fn(T, T) -> bool) {
        let mut at = self.heap.len();
        self.heap.push(row);
        while at > 0 {
            let parent = (at - 1) / 2;
            let Some(above) = self
                .heap
                .get(parent)
                .copied()
                .filter(|above| less(row, *above))
            else {
                break;
            };
            self.put(at, above);
            at = parent;
        }
        self.put(at, row);
    }

    /// Takes the least.
    pub(super) fn pop(&mut self, less: impl Fn(T, T) -> bool) -> Option<T> {
        let least = self.heap.first().copied()?;
        let last = self.heap.pop()?;
        let count = self.heap.len();
        if count == 0 {
            return Some(least);
        }
        let mut at = 0;
        while at < count / 2 {
            let left = 2 * at + 1;
            let Some(mut child) = self.heap.get(left).copied() else {
                break;
            };
            let mut to = left;
            if let Some(right) = self.heap.get(left + 1).copied()
                && less(right, child)
            {
                child = right;
                to = left + 1;
            }
            if !less(child, last) {
                break;
            }
            self.put(at, child);
            at = to;
        }
        self.put(at, last);
        Some(least)
    }

    fn put(&mut self, at: usize, row: T) {
        if let Some(place) = self.heap.get_mut(at) {
            *place = row;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Java 17's order: `new PriorityQueue<>(comparingInt(row -> row[0]))` after these eight rows, polled.
    #[test]
    fn equals_come_as_in_java() {
        let mut queue = Least::default();
        let less = |a: (i32, i32), b: (i32, i32)| a.0 < b.0;
        for row in [
            (1, 1),
            (0, 2),
            (1, 3),
            (0, 4),
            (0, 5),
            (1, 6),
            (0, 7),
            (0, 8),
        ] {
            queue.push(row, less);
        }
        let mut order = Vec::new();
        while let Some((_, name)) = queue.pop(less) {
            order.push(name);
        }
        assert_eq!(order, [2, 4, 8, 5, 7, 1, 3, 6]);
    }
}
