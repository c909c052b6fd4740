//! Records that are given up go to the group's dead-letter topic, if it has one (KIP-1191), and only then are done with.
//!
//! The rules are those of Kafka's `ShareGroupDLQStateManager`. Oracle: whatever is wrong with the topic, the records are
//! archived in the end; what may pass is tried again for half a minute.

mod batch;
mod originals;

use batch::About;
use originals::Originals;

use super::SharePartitionKey;
use super::errands::Why;
use super::partition::Step;
use super::retries::{Attempt, Letter, Retry};
use crate::engine::journal::Event;
use crate::engine::log::{AppendContext, Origin};
use crate::engine::state::State;
use crate::engine::time::Now;
use crate::engine::topics::plan::Plan;
use crate::wire::batch::BatchView;
use crate::wire::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use crate::wire::messages::{TopicName, str_bytes};
use crate::wire::units::NodeId;

/// What a topic must say to be a dead-letter topic.
const ENABLED: &str = "errors.deadletterqueue.group.enable";
const TOPIC_NAME: &str = "errors.deadletterqueue.topic.name";
const COPIES: &str = "errors.deadletterqueue.copy.record.enable";

/// Why records do not get to a dead-letter topic.
enum Failure {
    /// It may pass.
    Later(String),
    Never(String),
}

impl State {
    /// Whether a group has a dead-letter topic.
    pub(super) fn has_dead_letters(&self, node: NodeId, group: &str) -> bool {
        self.features.level("share.version") >= 2 && !self.dead_letter_topic(node, group).is_empty()
    }

    fn dead_letter_topic(&self, node: NodeId, group: &str) -> String {
        let topic = self.configs.group_value(node, group, TOPIC_NAME);
        topic.to_text().unwrap_or_default()
    }

    /// Sends records of a share partition on their way.
    pub(super) fn bury(&mut self, now: Now, key: &SharePartitionKey, steps: Vec<Step>) {
        let letters = steps.into_iter().map(|step| Letter {
            key: key.clone(),
            next: step.written.first,
            step,
        });
        let attempted = letters.map(|letter| (letter, Attempt::default()));
        self.send_letters(now, key, attempted.collect());
    }

    /// Tries to write records to their dead-letter topic. There or not, they are archived. Oracle: each run of them is
    /// written down by itself, and the start moves past all of them.
    pub(super) fn send_letters(
        &mut self,
        now: Now,
        key: &SharePartitionKey,
        letters: Vec<(Letter, Attempt)>,
    ) {
        if letters.is_empty() {
            return;
        }
        let mut is_written = false;
        for (letter, attempt) in letters {
            if let Some(letter) = self.send_letter(now, letter, attempt) {
                is_written |= self.archive_letter(now, &letter);
            }
        }
        if is_written && let Some(partition) = self.shares.partitions.get_mut(key) {
            partition.advance();
        }
        let name = self.cluster.topic_name(key.topic);
        self.after_share_change(&name.unwrap_or_default(), key);
    }

    /// The records, unless it is tried again.
    fn send_letter(&mut self, now: Now, mut letter: Letter, attempt: Attempt) -> Option<Letter> {
        let node = self.shares.partitions.get(&letter.key)?.node;
        let topic = self.dead_letter_topic(node, &letter.key.group);
        let sent = self.letters_go_to(now, (node, &topic), &letter.key);
        let sent = sent.and_then(|index| self.write_letters(now, (&topic, index), &mut letter));
        let failure = match sent {
            Ok(()) => None,
            Err(Failure::Never(why)) => Some(why),
            Err(Failure::Later(why)) => {
                if let Some(next) = attempt.next() {
                    self.retry(now, Retry::DeadLetter(letter, next), next);
                    return None;
                }
                Some(why)
            }
        };
        self.tell_buried(&letter, topic, failure);
        Some(letter)
    }

    /// The partition of a dead-letter topic, which is made if it may be.
    fn letters_go_to(
        &mut self,
        now: Now,
        (node, topic): (NodeId, &str),
        key: &SharePartitionKey,
    ) -> Result<i32, Failure> {
        self.check_dead_letter_topic(node, topic)
            .map_err(Failure::Never)?;
        if self.cluster.topic(topic).is_none() {
            self.create_dead_letter_topic(now, node, topic)
                .map_err(Failure::Never)?;
        }
        let gone = || Failure::Later(format!("topic {topic} has no partitions"));
        let found = self.cluster.topic(topic).ok_or_else(gone)?;
        let count = i32::try_from(found.partitions.len()).unwrap_or(i32::MAX);
        let index = key.partition.checked_rem(count).ok_or_else(gone)?;
        let has_leader = found.partition(index).is_some_and(|p| p.leader.is_some());
        if !has_leader {
            return Err(Failure::Later(format!("{topic}-{index} has no leader")));
        }
        Ok(index)
    }

    fn check_dead_letter_topic(&self, node: NodeId, topic: &str) -> Result<(), String> {
        let broker = |name: &str| self.configs.broker_value(node, name);
        if topic.is_empty() {
            return Err("the group has no dead-letter topic any more".to_owned());
        }
        match self.cluster.topic(topic) {
            Some(found) => {
                let enabled = self.configs.topic_value(node, &found.overrides, ENABLED);
                if !enabled.is_true() {
                    return Err(format!("topic {topic} does not have {ENABLED}"));
                }
            }
            None if broker("errors.deadletterqueue.auto.create.topics.enable").is_true() => {}
            None => return Err(format!("there is no topic {topic}")),
        }
        let prefix = broker("errors.deadletterqueue.topic.name.prefix").to_text();
        let prefix = prefix.unwrap_or_default();
        if topic.starts_with(&prefix) {
            Ok(())
        } else {
            Err(format!(
                "the name of topic {topic} does not begin with {prefix}"
            ))
        }
    }

    fn create_dead_letter_topic(
        &mut self,
        now: Now,
        node: NodeId,
        topic: &str,
    ) -> Result<(), String> {
        let setting = |(name, value): (&'static str, &'static str)| {
            CreatableTopicConfig::default()
                .with_name(name.into())
                .with_value(Some(value.into()))
        };
        let settings = [(ENABLED, "true"), ("message.timestamp.type", "CreateTime")];
        let wanted = CreatableTopic::default()
            .with_name(TopicName(str_bytes(topic)))
            .with_num_partitions(-1)
            .with_replication_factor(-1)
            .with_configs(settings.map(setting).into());
        let plan = Plan::of(self, node, &wanted);
        let plan = plan.map_err(|error| error.message.unwrap_or_default())?;
        plan.carry_out(self, now);
        Ok(())
    }

    /// Writes what is not there yet, in batches as the topic takes them.
    fn write_letters(
        &mut self,
        now: Now,
        (topic, index): (&str, i32),
        letter: &mut Letter,
    ) -> Result<(), Failure> {
        let bytes_max = self.topic_config(topic).log.max_message_bytes;
        let last = letter.step.written.last;
        while letter.next <= last {
            let originals = self.originals(letter, bytes_max);
            let name = self.cluster.topic_name(letter.key.topic);
            let id = || SharePartitionKey::topic_text(letter.key.topic);
            let about = About {
                topic: &name.unwrap_or_else(id),
                partition: letter.key.partition,
                group: &letter.key.group,
                deliveries: letter.step.written.count,
                cause: letter.step.cause,
            };
            let made = about.batch((letter.next, last), &originals, bytes_max, now.wall);
            let none = || Failure::Never("the records make no batch".to_owned());
            let (batch, included) = made.ok_or_else(none)?;
            self.append_letters(now, (topic, index), batch)?;
            letter.next = included.saturating_add(1);
        }
        Ok(())
    }

    fn originals(&self, letter: &Letter, bytes_max: usize) -> Originals {
        let last = letter.step.written.last;
        let Some(partition) = self.shares.partitions.get(&letter.key) else {
            return Originals::none(last);
        };
        let group = &letter.key.group;
        let copies = self.configs.group_value(partition.node, group, COPIES);
        let topic = self.cluster.topic_by_id(letter.key.topic);
        match topic.and_then(|topic| topic.partition(letter.key.partition)) {
            Some(found) if copies.is_true() => {
                Originals::read(&found.log, (letter.next, last), bytes_max)
            }
            Some(_) | None => Originals::none(last),
        }
    }

    /// As a Produce with acks=-1 would.
    fn append_letters(
        &mut self,
        now: Now,
        (topic, index): (&str, i32),
        batch: BatchView,
    ) -> Result<(), Failure> {
        let never = |why: &str| Failure::Never(format!("{topic}-{index}: {why}"));
        if !self.has_room(now) {
            return Err(never("there is no room for records"));
        }
        let config = self.topic_config(topic);
        let partition = self.cluster.partition_mut(topic, index);
        let partition = partition.ok_or_else(|| never("there is no such partition"))?;
        let wanted = config.min_insync_replicas.min(partition.replicas.len());
        if partition.isr.len() < wanted {
            return Err(never("too few replicas are in sync"));
        }
        if batch.size() > config.log.max_message_bytes {
            return Err(never("the record is too large"));
        }
        let context = AppendContext {
            config: &config.log,
            topic,
            partition: index,
            leader_epoch: partition.leader_epoch,
            origin: Origin::Client,
            now,
            record_bytes_max: config.max_decompressed_message_bytes,
            transaction_v2: true,
        };
        let appended = partition.log.append(batch, &context);
        appended.map_err(|error| never(&error.to_string()))?;
        self.appended(topic, index);
        Ok(())
    }

    /// The records are done with. Says whether that is written, or never will be.
    fn archive_letter(&mut self, now: Now, letter: &Letter) -> bool {
        let Some(partition) = self.shares.partitions.get_mut(&letter.key) else {
            return true;
        };
        let Some(change) = partition.archive_step(&letter.step) else {
            return true;
        };
        let written = self.write_share_change(now, &letter.key, change, Why::Archived);
        written.is_some()
    }

    fn tell_buried(&mut self, letter: &Letter, dead_letter_topic: String, failure: Option<String>) {
        let Some(topic) = self.cluster.topic_name(letter.key.topic) else {
            return;
        };
        self.outbox.change(|| Event::DeadLettered {
            group: letter.key.group.to_string(),
            topic: topic.clone(),
            partition: letter.key.partition,
            first_offset: letter.step.written.first,
            last_offset: letter.step.written.last,
            dead_letter_topic,
            failure,
        });
    }
}
