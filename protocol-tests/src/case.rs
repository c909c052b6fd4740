//! Cases: what they are, and what they need.

use std::sync::Arc;

use anyhow::Result;

use crate::context::Context;

/// The body of a case.
pub type Run = Arc<dyn Fn(&mut Context) -> Result<()> + Send + Sync>;

/// One case of the suite.
#[derive(Clone)]
pub struct Case {
    /// The behaviour area: the name of the case's file.
    pub area: &'static str,
    /// The name within the area.
    pub name: String,
    /// The cluster it needs.
    pub profile: Profile,
    /// Changes something that all cases share: runs alone.
    pub exclusive: bool,
    /// What it does.
    pub run: Run,
}

impl Case {
    /// `area/name`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}", self.area, self.name)
    }
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.id())
    }
}

/// The cluster that a case runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// One node with Kafka's defaults.
    One,
    /// Three nodes with Kafka's defaults.
    Three,
    /// Three nodes in racks a, b and c, which serve fetches from the reader's rack.
    Racks,
    /// One node whose operator changed defaults: small limits, no automatic topics, no deletion.
    Limits,
}

impl Profile {
    /// The number of nodes.
    #[must_use]
    pub const fn nodes(self) -> u16 {
        match self {
            Self::One | Self::Limits => 1,
            Self::Three | Self::Racks => 3,
        }
    }

    /// Broker properties beside the defaults.
    #[must_use]
    pub const fn properties(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::One | Self::Three => &[],
            Self::Racks => &[(
                "replica.selector.class",
                "org.apache.kafka.common.replica.RackAwareReplicaSelector",
            )],
            Self::Limits => &[
                ("auto.create.topics.enable", "false"),
                ("delete.topic.enable", "false"),
                ("num.partitions", "3"),
                ("message.max.bytes", "10000"),
                ("socket.request.max.bytes", "100000"),
                ("max.request.partition.size.limit", "3"),
                ("max.incremental.fetch.session.cache.slots", "2"),
                ("connections.max.idle.ms", "3000"),
                ("log.retention.minutes", "30"),
                ("compression.type", "gzip"),
                ("fetch.max.bytes", "2000"),
                ("max.connections.per.ip", "60"),
            ],
        }
    }

    /// The rack of the k-th node (from 0).
    #[must_use]
    pub fn rack(self, node: usize) -> Option<&'static str> {
        (self == Self::Racks)
            .then(|| ["a", "b", "c"].get(node).copied())
            .flatten()
    }
}

/// The cases of one area, as its file lists them.
#[derive(Debug)]
pub struct Area {
    name: &'static str,
    cases: Vec<Case>,
}

impl Area {
    /// An area without cases.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            cases: Vec::new(),
        }
    }

    /// Adds a case on one node.
    #[must_use]
    pub fn case(mut self, name: &str, run: fn(&mut Context) -> Result<()>) -> Self {
        self.push(name, Profile::One, Arc::new(run));
        self
    }

    /// Adds a case on another cluster.
    #[must_use]
    pub fn case_on(
        mut self,
        profile: Profile,
        name: &str,
        run: fn(&mut Context) -> Result<()>,
    ) -> Self {
        self.push(name, profile, Arc::new(run));
        self
    }

    /// The case added last changes something that all cases share: it runs alone.
    #[must_use]
    pub fn alone(mut self) -> Self {
        if let Some(case) = self.cases.last_mut() {
            case.exclusive = true;
        }
        self
    }

    /// Adds one case for each version.
    #[must_use]
    pub fn versions(
        mut self,
        name: &str,
        versions: impl IntoIterator<Item = i16>,
        run: fn(&mut Context, i16) -> Result<()>,
    ) -> Self {
        for version in versions {
            self.push(
                &format!("{name}_v{version}"),
                Profile::One,
                Arc::new(move |cx| run(cx, version)),
            );
        }
        self
    }

    /// Adds a case on one node that is a row of a table.
    #[must_use]
    pub fn with<T: Copy + Send + Sync + 'static>(
        mut self,
        name: &str,
        input: T,
        run: fn(&mut Context, T) -> Result<()>,
    ) -> Self {
        self.push(name, Profile::One, Arc::new(move |cx| run(cx, input)));
        self
    }

    /// Adds one case for each of some inputs; the input's text becomes part of the name.
    #[must_use]
    pub fn each<T: std::fmt::Display + Copy + Send + Sync + 'static>(
        mut self,
        name: &str,
        inputs: impl IntoIterator<Item = T>,
        run: fn(&mut Context, T) -> Result<()>,
    ) -> Self {
        for input in inputs {
            self.push(
                &format!("{name}_{input}"),
                Profile::One,
                Arc::new(move |cx| run(cx, input)),
            );
        }
        self
    }

    /// The cases.
    #[must_use]
    pub fn cases(self) -> Vec<Case> {
        self.cases
    }

    fn push(&mut self, name: &str, profile: Profile, run: Run) {
        let name = name.to_owned();
        self.cases.push(Case {
            area: self.name,
            name,
            profile,
            exclusive: false,
            run,
        });
    }
}
