//! Topics, from a test.

use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::sync::Arc;

use super::broker::Broker;
use super::error::CommandError;
use crate::engine::commands::{Command, TopicCommand};
use crate::engine::inspect::TopicView;
use crate::server::shared::Shared;

/// A topic of a running cluster; from [`Broker::topic`].
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 6, 1).start_blocking()?;
/// let orders = broker.topic("orders");
/// assert_eq!(orders.describe().unwrap().partitions.len(), 6);
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Topic {
    shared: Arc<Shared>,
    name: String,
}

/// A topic that you are about to create; from [`Broker::create_topic`].
///
/// ```
/// let broker = fauxka::Broker::builder().start_blocking()?;
/// broker.create_topic("orders").partitions(6).create()?;
/// assert_eq!(broker.topics()[0].name, "orders");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is created until it is awaited, or `create` is called"]
pub struct CreateTopic {
    shared: Arc<Shared>,
    name: String,
    partitions: usize,
    replication: usize,
    configs: BTreeMap<String, String>,
}

impl Broker {
    /// A topic, by its name.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// assert!(broker.topic("orders").describe().is_some());
    /// assert!(broker.topic("payments").describe().is_none());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn topic(&self, name: &str) -> Topic {
        Topic {
            shared: self.shared(),
            name: name.to_owned(),
        }
    }

    /// Every topic, by name; also Kafka's own, once they exist.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("payments", 1, 1).topic("orders", 1, 1).start_blocking()?;
    /// let topics = broker.topics();
    /// let names: Vec<_> = topics.iter().map(|topic| topic.name.as_str()).collect();
    /// assert_eq!(names, ["orders", "payments"]);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn topics(&self) -> Vec<TopicView> {
        self.look(|engine| engine.state.topic_views())
    }

    /// A topic to create: with one partition and one replica, unless you say otherwise.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let broker = fauxka::Broker::builder().nodes(3).start().await?;
    /// broker.create_topic("orders").partitions(24).replication(3).await?;
    /// assert_eq!(broker.topics()[0].partitions.len(), 24);
    /// assert!(broker.create_topic("orders").await.is_err(), "it exists");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn create_topic(&self, name: &str) -> CreateTopic {
        CreateTopic {
            shared: self.shared(),
            name: name.to_owned(),
            partitions: 1,
            replication: 1,
            configs: BTreeMap::new(),
        }
    }
}

impl CreateTopic {
    /// How many partitions the topic has.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// broker.create_topic("orders").partitions(6).create()?;
    /// assert_eq!(broker.topics()[0].partitions.len(), 6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn partitions(mut self, partitions: usize) -> Self {
        self.partitions = partitions;
        self
    }

    /// How many nodes hold each partition.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().nodes(2).start_blocking()?;
    /// broker.create_topic("orders").replication(2).create()?;
    /// assert_eq!(broker.topics()[0].partitions[0].replicas.len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn replication(mut self, replication: usize) -> Self {
        self.replication = replication;
        self
    }

    /// Gives the topic a setting of its own, such as `cleanup.policy`; call it again for more.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// broker.create_topic("orders").config("cleanup.policy", "compact").create()?;
    /// assert!(broker.create_topic("payments").config("cleanup.police", "compact").create().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn config(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.configs.insert(key.into(), value.into());
        self
    }

    /// Creates the topic. Awaiting does the same; neither waits for anything.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// broker.create_topic("orders").create()?;
    /// assert!(broker.create_topic("orders/").create().is_err(), "no topic can be called that");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The topic exists already, or no such topic can be made here.
    pub fn create(self) -> Result<(), CommandError> {
        // What no cluster can have is refused by name.
        let act = TopicCommand::Create {
            partitions: Some(i32::try_from(self.partitions).unwrap_or(i32::MAX)),
            replication: Some(i16::try_from(self.replication).unwrap_or(i16::MAX)),
            configs: self.configs,
        };
        let topic = self.name;
        Ok(self.shared.carry_out(Command::Topic { topic, act })?)
    }
}

impl IntoFuture for CreateTopic {
    type Output = Result<(), CommandError>;
    type IntoFuture = Ready<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        ready(self.create())
    }
}

impl Topic {
    /// What the cluster knows of the topic; nothing if there is no such topic.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let orders = broker.topic("orders").describe().unwrap();
    /// assert_eq!(orders.partitions[0].leader, Some(1));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn describe(&self) -> Option<TopicView> {
        self.shared
            .look(|engine| engine.state.topic_view(&self.name))
    }

    /// Deletes the topic and creates it again at once: with as many partitions, on the same replicas, with
    /// the same settings, without records, and with another topic id.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").value("first").send()?;
    /// broker.topic("orders").recreate()?;
    /// assert!(broker.partition("orders", 0).values()?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such topic, or it is one of Kafka's own.
    pub fn recreate(&self) -> Result<(), CommandError> {
        Ok(self.shared.carry_out(Command::RecreateTopic {
            topic: self.name.clone(),
        })?)
    }

    /// Gives the topic more partitions: this many in all.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.topic("orders").set_partitions(3)?;
    /// assert_eq!(broker.topics()[0].partitions.len(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such topic, or it has as many partitions or more.
    pub fn set_partitions(&self, count: i32) -> Result<(), CommandError> {
        self.act(TopicCommand::Alter {
            partitions: Some(count),
            configs: BTreeMap::new(),
        })
    }

    /// Sets one of the topic's settings, such as `retention.ms`. If you give no value, the setting goes back to its default.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let orders = broker.topic("orders");
    /// orders.set_config("retention.ms", Some("1000"))?;
    /// orders.set_config("retention.ms", None)?;
    /// assert!(orders.set_config("retention.days", Some("1")).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such topic or setting, or the setting cannot have that value.
    pub fn set_config(&self, key: &str, value: Option<&str>) -> Result<(), CommandError> {
        let change = (key.to_owned(), value.map(str::to_owned));
        self.act(TopicCommand::Alter {
            partitions: None,
            configs: BTreeMap::from([change]),
        })
    }

    /// Deletes the topic.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let orders = broker.topic("orders");
    /// orders.delete()?;
    /// assert!(orders.describe().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such topic.
    pub fn delete(&self) -> Result<(), CommandError> {
        self.act(TopicCommand::Delete)
    }

    fn act(&self, act: TopicCommand) -> Result<(), CommandError> {
        let topic = self.name.clone();
        Ok(self.shared.carry_out(Command::Topic { topic, act })?)
    }
}
