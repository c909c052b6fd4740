//! Looking at what the cluster holds, without a client and without changing anything.

mod groups;
pub(crate) mod iam;
#[cfg(feature = "control")]
pub(crate) mod msk;
mod records;
mod shares;
mod tasks;
mod topics;
mod transactions;

#[cfg(test)]
mod tests;

pub use groups::{CommitView, GroupView, MemberView, OffsetView, TopicPartitionsView};
#[cfg(feature = "control")]
pub(crate) use records::Data;
pub use records::{Batch, Fate, Header, Marker, MarkerKind, Record};
pub use shares::{SharePartitionView, ShareRecordsView};
pub use tasks::TaskView;
pub use topics::{PartitionView, ProducerView, TopicView};
pub use transactions::TransactionView;

pub(crate) use records::{batches, records};
