//! A share partition begins with what the share coordinator has written down of it, which may take a while.

use super::SharePartitionKey;
use super::changes::persister_error;
use super::errands::{Ask, Beginning, Errand, Then, Told};
use super::kept::UNSET;
use super::partition::SharePartition;
use super::waiting::FailedShare;
use crate::engine::api_error::ApiError;
use crate::engine::cluster::configs::OffsetReset;
use crate::engine::context::Call;
use crate::engine::state::State;
use crate::engine::time::Now;
use crate::wire::error::ErrorCode;
use crate::wire::units::{NodeId, WallMillis};

/// Why there is no share partition to fetch from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unready {
    /// The node does not lead the partition.
    Refused(ErrorCode),
    /// Its state cannot be read. Oracle: who asks learns of it when its wait is over.
    Failed(ApiError),
}

impl State {
    /// Begins a share partition, unless the node has it already, or is about to.
    pub(crate) fn begin_share_partition(
        &mut self,
        now: Now,
        call: &Call,
        (key, name): (&SharePartitionKey, &str),
    ) -> Result<(), Unready> {
        let node = call.node;
        let begins = self.shares.beginning.get(key);
        if self.shares.has_begun(key, node) || begins.is_some_and(|begins| begins.node == node) {
            return Ok(());
        }
        let partition = self
            .shared_partition(node, name, key.partition)
            .map_err(Unready::Refused)?;
        let leader_epoch = partition.leader_epoch;
        if key.group.is_empty() {
            // Oracle: nobody keeps anything of it.
            return Err(Unready::Failed(ErrorCode::UnknownServerError.into()));
        }
        let beginning = Beginning {
            number: self.shares.next_number(),
            node,
            leader_epoch,
            name: name.to_owned(),
            ticket: call.ticket,
        };
        let errand = Errand {
            node,
            key: key.clone(),
            what: Ask::Read {
                leader_epoch: leader_epoch.0,
            },
        };
        let then = || Then::Begin(beginning.clone());
        match self.ask_share_coordinator(now, errand, then) {
            Some(told) => self.begin_with(now, key, &beginning, told),
            None => {
                self.shares.beginning.insert(key.clone(), beginning);
                Ok(())
            }
        }
    }

    /// The share coordinator has said what it knows, or that it does not.
    pub(super) fn go_on_beginning(
        &mut self,
        now: Now,
        key: &SharePartitionKey,
        beginning: &Beginning,
        told: Result<Told, ApiError>,
    ) {
        if self.shares.beginning.get(key) != Some(beginning) {
            // The node has let go of it meanwhile.
            return;
        }
        self.shares.beginning.remove(key);
        let code = match self.begin_with(now, key, beginning, told) {
            Ok(()) => None,
            Err(Unready::Refused(code)) => Some(code),
            Err(Unready::Failed(error)) => Some(error.code),
        };
        if let Some(code) = code
            && let Some(waiting) = self.shares.waiting.get_mut(&beginning.ticket)
        {
            waiting.partitions.retain(|fetched| fetched.key != *key);
            waiting.failed.push(FailedShare {
                topic: key.topic,
                partition: key.partition,
                name: Some(beginning.name.clone()),
                code,
            });
        }
        self.after_share_change(&beginning.name, key);
    }

    fn begin_with(
        &mut self,
        now: Now,
        key: &SharePartitionKey,
        beginning: &Beginning,
        told: Result<Told, ApiError>,
    ) -> Result<(), Unready> {
        let node = beginning.node;
        let name = beginning.name.as_str();
        let none = || Unready::Failed(ErrorCode::UnknownServerError.into());
        let kept = told.map_err(|error| Unready::Failed(persister_error(&error)))?;
        let kept = kept.ok_or_else(none)?;
        let start = if kept.start == UNSET {
            self.first_shared_offset(now, node, (key, name))?
        } else {
            kept.start
        };
        let begun = SharePartition::new((node, beginning.leader_epoch), start, &kept);
        let mut begun = begun.map_err(|_| {
            let text = format!(
                "Failed to initialize the share partition {}-{name}-{}",
                key.group, key.partition
            );
            Unready::Failed(ApiError::new(ErrorCode::UnknownServerError, text))
        })?;
        begun.born = beginning.number;
        let dead = begun.archiving(&self.share_terms(node, &key.group));
        self.shares.partitions.insert(key.clone(), begun);
        self.bury(now, key, dead);
        Ok(())
    }

    /// Where a group begins that has begun nowhere: `share.auto.offset.reset`. Oracle: with a duration there must be a
    /// record since then.
    fn first_shared_offset(
        &self,
        now: Now,
        node: NodeId,
        (key, name): (&SharePartitionKey, &str),
    ) -> Result<i64, Unready> {
        let partition = self
            .shared_partition(node, name, key.partition)
            .map_err(Unready::Refused)?;
        let log = &partition.log;
        let reset = self
            .configs
            .group_value(node, &key.group, "share.auto.offset.reset");
        let reset = OffsetReset::parse(&reset.to_text().unwrap_or_default());
        let ago = match reset {
            Some(OffsetReset::Ago(millis)) => millis,
            Some(OffsetReset::Earliest) => return Ok(log.start().0),
            Some(OffsetReset::Latest) | None => return Ok(log.high_watermark().0),
        };
        let at = WallMillis(now.wall.0.saturating_sub(ago));
        let found = log.offset_at(at).map(|found| found.offset);
        let found = found.filter(|found| *found < log.high_watermark());
        let missing = || Unready::Failed(ErrorCode::OffsetNotAvailable.into());
        Ok(found.ok_or_else(missing)?.0)
    }
}
