//! A snapshot as bytes: a head, a description in JSON, the batches, a checksum.
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | `FAUXKA`, 0x1A, a line feed: whatever takes the file for text spoils it visibly |
//! | 4 | the version of this format |
//! | 8 | the length of the description |
//! | 8 | the length of the batches |
//! | … | the description: [`Kept`](super::Kept) as JSON, names and all |
//! | … | for each segment of each partition in the description's order: 8 bytes of length, and its batches as Kafka's segment file has them |
//! | 4 | CRC-32C of everything before |
//!
//! Numbers are big-endian. Everything but the records is text, so that a person or any program can look into
//! it; the records are in the one format that outlives every version of this program.

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};

use super::{Kept, Snapshot};
use crate::engine::log::PartitionLog;
use crate::wire::batch::BatchView;

const MAGIC: &[u8; 8] = b"FAUXKA\x1a\n";

/// The version that is written, and the only one there has been.
const VERSION: u32 = 1;

const CHECKSUM_BYTES: usize = 4;

/// Why bytes are not a snapshot that can be loaded.
///
/// ```
/// use fauxka::snapshot::{BadSnapshot, Snapshot};
///
/// let error = Snapshot::from_bytes(b"something else entirely, of some length".to_vec()).unwrap_err();
/// assert_eq!(error, BadSnapshot::Stranger);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadSnapshot {
    /// The bytes are something else.
    #[error("this is not a snapshot of Fauxka's: it does not begin as they do")]
    Stranger,
    /// A later release has written it.
    #[error(
        "the snapshot has version {found} of the format, and fauxka {} reads up to {VERSION}: load it with a newer \
         release, or take it again with this one",
        env!("CARGO_PKG_VERSION")
    )]
    Newer {
        /// The version that it has.
        found: u32,
    },
    /// The end is missing, or there is more behind it.
    #[error("the snapshot should have {announced} bytes and has {held}: copy or take it again")]
    Length {
        /// How many bytes it says that it has.
        announced: u64,
        /// How many there are.
        held: u64,
    },
    /// The bytes are not those that were written.
    #[error("the snapshot is damaged, its checksum is another: copy or take it again")]
    Checksum,
    /// It says what no cluster can be.
    #[error("the snapshot says what cannot be: {0}")]
    Unsound(String),
}

impl Snapshot {
    /// Magic, version and two lengths.
    pub(crate) const HEAD_BYTES: usize = 28;

    /// The snapshot as bytes, piece by piece.
    ///
    /// # Errors
    /// The description cannot be written, which would be a defect.
    pub(crate) fn encode(&self, mut put: impl FnMut(&[u8])) -> Result<(), BadSnapshot> {
        let description = serde_json::to_vec(&*self.kept).map_err(unsound)?;
        let mut checksum = 0;
        self.encode_content(&description, |bytes| {
            checksum = crc32c::crc32c_append(checksum, bytes);
            put(bytes);
        });
        put(&checksum.to_be_bytes());
        Ok(())
    }

    fn encode_content(&self, description: &[u8], mut put: impl FnMut(&[u8])) {
        let mut scratch = BytesMut::new();
        scratch.put_slice(MAGIC);
        scratch.put_u32(VERSION);
        scratch.put_u64(length(description.len()));
        scratch.put_u64(self.logs().map(records_length).sum());
        put(&scratch);
        put(description);
        for batches in self.logs().flat_map(PartitionLog::segment_batches) {
            scratch.clear();
            scratch.put_u64(batches_length(batches));
            for batch in batches {
                batch.write_header_to(&mut scratch);
                put(&scratch);
                put(batch.records());
                scratch.clear();
            }
            put(&scratch);
        }
    }

    /// The snapshot as the bytes of a file.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let bytes = broker.snapshot().to_bytes()?;
    /// assert!(bytes.starts_with(b"FAUXKA"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Never, short of a defect.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BadSnapshot> {
        let mut bytes = Vec::new();
        self.encode(|piece| bytes.extend_from_slice(piece))?;
        Ok(bytes)
    }

    /// Reads a snapshot from the bytes of a file.
    ///
    /// ```
    /// use fauxka::snapshot::Snapshot;
    ///
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let bytes = broker.snapshot().to_bytes()?;
    /// assert!(Snapshot::from_bytes(bytes).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The bytes are not a snapshot of this release or an older one, whole and undamaged.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, BadSnapshot> {
        Self::decode(&bytes.into())
    }

    /// The same; the records go on in the memory of `bytes`.
    pub(crate) fn decode(bytes: &Bytes) -> Result<Self, BadSnapshot> {
        Self::check_head(bytes, length(bytes.len()))?;
        let mut rest = bytes.clone();
        let content = rest.split_to(bytes.len().saturating_sub(CHECKSUM_BYTES));
        if rest.get_u32() != crc32c::crc32c(&content) {
            return Err(BadSnapshot::Checksum);
        }
        let mut records = content;
        records.advance(MAGIC.len() + 4);
        let described = usize::try_from(records.get_u64()).unwrap_or(usize::MAX);
        records.advance(8);
        let description = records.split_to(described.min(records.len()));
        let mut kept: Kept = serde_json::from_slice(&description).map_err(unsound)?;
        kept.fill(records)?;
        kept.check().map_err(BadSnapshot::Unsound)?;
        Ok(Self { kept: kept.into() })
    }

    /// Asks whether bytes that begin like this, and are `held` in all, may be a snapshot.
    ///
    /// # Errors
    /// They are something else, have a version that is not known here, or are too few or too many.
    pub(crate) fn check_head(head: &[u8], held: u64) -> Result<(), BadSnapshot> {
        let announced = announced(head)?.unwrap_or_else(|| length(Self::HEAD_BYTES));
        if announced == held {
            Ok(())
        } else {
            Err(BadSnapshot::Length { announced, held })
        }
    }

    pub(crate) fn logs(&self) -> impl Iterator<Item = &PartitionLog> {
        let topics = self.kept.topics.iter();
        let partitions = topics.flat_map(|topic| &topic.partitions);
        partitions.map(|partition| &partition.log)
    }
}

/// How many bytes a snapshot has that begins like this; none while its head is not there.
///
/// # Errors
/// It is something else, or has a version that is not known here.
fn announced(head: &[u8]) -> Result<Option<u64>, BadSnapshot> {
    let begins = head.get(..MAGIC.len()).unwrap_or(head);
    if !MAGIC.starts_with(begins) || begins.is_empty() {
        return Err(BadSnapshot::Stranger);
    }
    let mut numbers = head.get(MAGIC.len()..).unwrap_or_default();
    match numbers.try_get_u32() {
        Err(_) => return Ok(None),
        Ok(0) => return Err(BadSnapshot::Stranger),
        Ok(VERSION) => {}
        Ok(found) => return Err(BadSnapshot::Newer { found }),
    }
    let (Ok(described), Ok(records)) = (numbers.try_get_u64(), numbers.try_get_u64()) else {
        return Ok(None);
    };
    let around = length(Snapshot::HEAD_BYTES + CHECKSUM_BYTES);
    Ok(Some(
        described.saturating_add(records).saturating_add(around),
    ))
}

impl Kept {
    /// Gives every log its batches.
    fn fill(&mut self, mut records: Bytes) -> Result<(), BadSnapshot> {
        for topic in &mut self.topics {
            for (index, partition) in topic.partitions.iter_mut().enumerate() {
                let filled = partition.log.fill(&mut records);
                filled.map_err(|why| {
                    BadSnapshot::Unsound(format!("partition {index} of {}: {why}", topic.name))
                })?;
            }
        }
        if records.is_empty() {
            Ok(())
        } else {
            Err(BadSnapshot::Unsound("records of no partition".to_owned()))
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "maps an error")]
fn unsound(error: serde_json::Error) -> BadSnapshot {
    BadSnapshot::Unsound(error.to_string())
}

fn records_length(log: &PartitionLog) -> u64 {
    let segments = log.segment_batches().map(batches_length);
    segments.map(|bytes| bytes.saturating_add(8)).sum()
}

fn batches_length(batches: &[BatchView]) -> u64 {
    batches.iter().map(|batch| length(batch.size())).sum()
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
