//! What a leader wants to know of a batch's records, found before anyone decides with it.

use super::BatchView;
use crate::wire::compression::Codec;
use crate::wire::compression::replay::Reading;
use crate::wire::units::WallMillis;

/// What one walk over a batch's records found. There is none for records with anything wrong in
/// their form, so that anyone who refuses them walks again and says what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Survey {
    pub(crate) oldest: WallMillis,
    pub(crate) newest: WallMillis,
    /// The offsets count from 0, without a gap.
    pub(crate) in_sequence: bool,
    /// At least one record has no key.
    pub(crate) keyless: bool,
    /// The longest record, in bytes.
    pub(crate) longest: usize,
}

impl Survey {
    /// Walks as Kafka validates batches that stay as they are: a compressed one by its records'
    /// fields, another by its records' lengths.
    pub(crate) fn of(batch: &BatchView) -> Option<Self> {
        let unfolded = batch.unfold_for(Reading::InPart, usize::MAX).ok()?;
        let mut records = match batch.codec() {
            Codec::None => unfolded.iter(),
            Codec::Gzip | Codec::Snappy | Codec::Lz4 | Codec::Zstd => unfolded.iter_fields(),
        };
        let mut survey: Option<Self> = None;
        for (index, record) in (0_i32..).zip(records.by_ref()) {
            let record = record.ok()?;
            let timestamp = record.timestamp;
            let so_far = survey.get_or_insert(Self {
                oldest: timestamp,
                newest: timestamp,
                in_sequence: true,
                keyless: false,
                longest: 0,
            });
            so_far.oldest = so_far.oldest.min(timestamp);
            so_far.newest = so_far.newest.max(timestamp);
            so_far.in_sequence &= record.offset_delta == index;
            so_far.keyless |= record.key.is_none();
        }
        survey.map(|survey| Self {
            longest: records.longest(),
            ..survey
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::records::{BatchBuilder, NewRecord};

    const KEYED: NewRecord<'static> = NewRecord::new(Some(b"key"), Some(b"value"));

    #[track_caller]
    fn check(records: &[(i32, i64, NewRecord<'_>)], want: Option<Survey>) {
        for codec in [Codec::None, Codec::Lz4] {
            let mut builder = BatchBuilder::default();
            for (delta, timestamp, record) in records {
                builder.append(*delta, WallMillis(*timestamp), record);
            }
            assert_eq!(Survey::of(&builder.build(codec).unwrap()), want);
        }
    }

    #[test]
    fn a_walk_finds_what_a_leader_asks() {
        let survey = Survey {
            oldest: WallMillis(50),
            newest: WallMillis(70),
            in_sequence: true,
            keyless: false,
            longest: 14,
        };
        check(&[], None);
        check(
            &[(0, 60, KEYED), (1, 50, KEYED), (2, 70, KEYED)],
            Some(survey),
        );
        check(
            &[(0, 70, KEYED), (2, 50, KEYED)],
            Some(Survey {
                in_sequence: false,
                ..survey
            }),
        );
        check(
            &[(0, 70, NewRecord::new(None, None)), (1, 50, KEYED)],
            Some(Survey {
                keyless: true,
                ..survey
            }),
        );
    }

    #[test]
    fn malformed_records_have_no_survey() {
        let mut builder = BatchBuilder::default();
        builder.append(0, WallMillis(1), &KEYED);
        builder.header.record_count = 2;
        assert_eq!(Survey::of(&builder.build(Codec::None).unwrap()), None);
    }
}
