//! What a cluster has from its start: topics, records, committed offsets, fault rules, users, ACLs.

mod commits;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Engine;
use super::authorizer::Acl;
use super::authorizer::policy::KeptPolicy;
use super::cluster::configs::Overrides;
use super::commands::CommandFailure;
use super::commands::produce::{PlacedRecord, RecordToWrite};
use super::context::Effects;
use super::fault::Rule;
use super::sasl::aws::AccessKey;
use super::snapshot::{PreviousExtents, Snapshot};
use super::state::State;
use super::time::Now;

/// How many nodes hold a partition where nothing else is said.
const REPLICATION_MAX: usize = 3;

/// All of it, in the order in which it comes to be.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Origin {
    /// What everything else comes on top of.
    pub(crate) snapshot: Option<Located<Snapshot>>,
    pub(crate) topics: Vec<Located<NewTopic>>,
    pub(crate) records: Vec<Located<NewRecord>>,
    pub(crate) commits: Vec<Located<NewCommit>>,
    pub(crate) faults: Vec<Located<Rule>>,
    pub(crate) users: Vec<Located<NewUser>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) acls: Vec<Located<Acl>>,
    /// Who can log in as AWS's clients do.
    #[serde(default)]
    pub(crate) access_keys: Vec<Located<AccessKey>>,
    #[serde(default)]
    pub(crate) policies: Vec<Located<KeptPolicy>>,
}

/// Something, and where it is said: a line of a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Located<T> {
    pub(crate) what: T,
    pub(crate) place: Option<Arc<str>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTopic {
    pub(crate) name: String,
    pub(crate) partitions: usize,
    /// By default the number of nodes, at most three.
    pub(crate) replication: Option<usize>,
    pub(crate) overrides: Overrides,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRecord {
    pub(crate) topic: String,
    /// By default the one that Kafka's producers choose for the key, and 0 without a key.
    pub(crate) partition: Option<i32>,
    pub(crate) record: RecordToWrite,
}

/// Somebody who can log in.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct NewUser {
    pub(crate) name: String,
    /// Never written down.
    #[serde(skip, default = "hidden")]
    pub(crate) password: String,
}

/// What stands for a password that was not written down.
fn hidden() -> String {
    "hidden".to_owned()
}

impl fmt::Debug for NewUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, password: _ } = self;
        f.debug_struct("NewUser")
            .field("name", name)
            .finish_non_exhaustive()
    }
}

/// An offset that a group has committed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCommit {
    pub(crate) group: String,
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) metadata: String,
}

/// What cannot be there from the start, and where it is said.
#[derive(Debug, thiserror::Error)]
pub(crate) struct Unfounded {
    place: Option<Arc<str>>,
    why: String,
}

impl fmt::Display for Unfounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, why } = self;
        match place {
            Some(place) => write!(f, "{place}: {why}"),
            None => write!(f, "{why}"),
        }
    }
}

impl Origin {
    /// Says that there is a topic; one of the same name keeps its settings, and is of this size.
    pub(crate) fn add_topic(&mut self, topic: Located<NewTopic>) {
        let mut known = self.topics.iter_mut().map(|said| &mut said.what);
        if let Some(known) = known.find(|known| known.name == topic.what.name) {
            known.partitions = topic.what.partitions;
            known.replication = topic.what.replication;
        } else {
            self.topics.push(topic);
        }
    }
}

impl Engine {
    /// Makes what the cluster has from its start, and keeps it in mind.
    ///
    /// # Errors
    /// The first of it that cannot be.
    pub(super) fn furnish(&mut self, now: Now, origin: &Origin) -> Result<(), Unfounded> {
        self.state.origin = Arc::new(origin.clone());
        // Nobody waits for anything yet.
        self.make_all(
            now,
            origin,
            &PreviousExtents::default(),
            &mut Effects::default(),
        )
    }

    pub(super) fn make_all(
        &mut self,
        now: Now,
        origin: &Origin,
        known: &PreviousExtents,
        effects: &mut Effects,
    ) -> Result<(), Unfounded> {
        if let Some(snapshot) = &origin.snapshot {
            snapshot.make(|snapshot| self.state.begin_from(now, snapshot, known))?;
        }
        self.state.make_topics(now, origin)?;
        self.make_records(now, origin, effects)?;
        self.make_commits(now, origin, effects)?;
        self.state.make_users(origin)?;
        self.state.make_acls(origin)?;
        self.make_faults(origin)
    }

    pub(super) fn make_records(
        &mut self,
        now: Now,
        origin: &Origin,
        effects: &mut Effects,
    ) -> Result<(), Unfounded> {
        for record in &origin.records {
            record.make(|what| self.make_record(now, what, effects))?;
        }
        Ok(())
    }

    pub(super) fn make_commits(
        &mut self,
        now: Now,
        origin: &Origin,
        effects: &mut Effects,
    ) -> Result<(), Unfounded> {
        for commit in &origin.commits {
            commit.make(|what| self.make_commit(now, what, effects))?;
        }
        Ok(())
    }

    pub(super) fn make_faults(&mut self, origin: &Origin) -> Result<(), Unfounded> {
        for rule in &origin.faults {
            rule.make(|what| self.make_fault(what, rule.place.as_deref()))?;
        }
        Ok(())
    }

    fn make_record(
        &mut self,
        now: Now,
        new: &NewRecord,
        effects: &mut Effects,
    ) -> Result<(), CommandFailure> {
        self.state.partitions_of(&new.topic)?;
        let NewRecord {
            topic,
            partition,
            record,
        } = new;
        let placed = PlacedRecord {
            partition: *partition,
            record: record.clone(),
        };
        let written = self.produce_records(now, (topic, None), &[placed], effects);
        written.map(drop).map_err(|why| {
            let place = partition.map_or_else(|| topic.clone(), |index| format!("{topic}-{index}"));
            CommandFailure::Impossible(format!("{place} does not take the record: {why}"))
        })
    }

    fn make_fault(&mut self, rule: &Rule, place: Option<&str>) -> Result<(), CommandFailure> {
        let mounted = self
            .passage
            .faults
            .mount(rule.clone(), place.map(str::to_owned));
        mounted
            .map(drop)
            .map_err(|why| CommandFailure::Impossible(why.to_string()))
    }
}

impl State {
    /// Lets everybody log in who could from the start.
    pub(super) fn make_users(&mut self, origin: &Origin) -> Result<(), Unfounded> {
        for Located { what: user, place } in &origin.users {
            let added = self.add_user(&user.name, &user.password);
            added.map_err(|why| Unfounded {
                place: place.clone(),
                why: why.to_string(),
            })?;
        }
        for key in &origin.access_keys {
            key.make(|key| self.add_access_key(key.clone()))?;
        }
        for policy in &origin.policies {
            policy.make(|policy| self.put_policy(policy))?;
        }
        Ok(())
    }

    /// Adds the ACLs that there are from the start.
    pub(super) fn make_acls(&mut self, origin: &Origin) -> Result<(), Unfounded> {
        for acl in &origin.acls {
            acl.make(|what| self.add_acl_checked(what.clone()))?;
        }
        Ok(())
    }

    /// Makes the topics that are not there.
    pub(super) fn make_topics(&mut self, now: Now, origin: &Origin) -> Result<(), Unfounded> {
        for topic in &origin.topics {
            if self.cluster.topic(&topic.what.name).is_none() {
                topic.make(|what| self.make_topic(now, what))?;
            }
        }
        Ok(())
    }

    fn make_topic(&mut self, now: Now, topic: &NewTopic) -> Result<(), CommandFailure> {
        let nodes = self.cluster.nodes.len();
        let most = nodes.min(REPLICATION_MAX);
        let replication = topic.replication.unwrap_or(most);
        let size = (topic.partitions, replication);
        let made = self.add_topic(now, &topic.name, size, topic.overrides.clone());
        made.map_err(|why| CommandFailure::Impossible(format!("topic {}: {why}", topic.name)))
    }

    fn partitions_of(&self, topic: &str) -> Result<usize, CommandFailure> {
        let found = self.cluster.topic(topic);
        let unknown =
            || CommandFailure::Unknown(format!("there is no topic {topic}: list it in topics"));
        found.map(|t| t.partitions.len()).ok_or_else(unknown)
    }
}

impl<T> Located<T> {
    pub(super) fn make(
        &self,
        make: impl FnOnce(&T) -> Result<(), CommandFailure>,
    ) -> Result<(), Unfounded> {
        make(&self.what).map_err(|why| Unfounded {
            place: self.place.clone(),
            why: why.to_string(),
        })
    }
}
