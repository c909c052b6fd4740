//! The name of a partition.

use std::fmt;

/// A partition by its topic's name, which is owned or borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TopicPartition<T = String> {
    pub(crate) topic: T,
    pub(crate) partition: i32,
}

impl TopicPartition {
    pub(crate) fn new(topic: &str, partition: i32) -> Self {
        TopicPartition::at(topic, partition).owned()
    }

    pub(crate) fn borrowed(&self) -> TopicPartition<&str> {
        TopicPartition::at(&self.topic, self.partition)
    }
}

impl<'a> TopicPartition<&'a str> {
    pub(crate) const fn at(topic: &'a str, partition: i32) -> Self {
        Self { topic, partition }
    }

    pub(crate) fn owned(self) -> TopicPartition {
        TopicPartition {
            topic: self.topic.to_owned(),
            partition: self.partition,
        }
    }
}

impl<T: fmt::Display> fmt::Display for TopicPartition<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}
