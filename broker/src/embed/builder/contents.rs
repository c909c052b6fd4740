//! What a cluster holds from its start, and how much it may hold.

use std::time::Duration;

use super::Builder;
use crate::engine::authorizer::Acl;
use crate::engine::cluster::configs::Overrides;
use crate::engine::origin::{Located, NewTopic, NewUser};

impl Builder {
    /// Adds a topic that exists from the start. If a [file](Builder::file) describes the topic, this changes its size.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().nodes(3).topic("orders", 24, 3).start_blocking()?;
    /// let orders = broker.topic("orders").describe().unwrap();
    /// assert_eq!(orders.partitions.len(), 24);
    /// assert_eq!(orders.partitions[0].replicas.len(), 3);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn topic(mut self, name: impl Into<String>, partitions: usize, replication: usize) -> Self {
        self.origin.add_topic(Located {
            what: NewTopic {
                name: name.into(),
                partitions,
                replication: Some(replication),
                overrides: Overrides::new(),
            },
            place: None,
        });
        self
    }

    /// Adds somebody who can log in, by PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512, unless `sasl.enabled.mechanisms` says
    /// less. With users every listener is SASL_PLAINTEXT: clients that have not logged in are not served.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().user("alice", "secret").start_blocking()?;
    /// assert_eq!(broker.users()[0].name, "alice");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.origin.users.push(Located {
            what: NewUser {
                name: name.into(),
                password: password.into(),
            },
            place: None,
        });
        self
    }

    /// Adds an ACL that exists from the start. It takes an authorizer, as Kafka has it in `authorizer.class.name`.
    ///
    /// ```
    /// use fauxka::Broker;
    /// use fauxka::acl::{Acl, AclQuery, Operation, ResourceType};
    ///
    /// let broker = Broker::builder()
    ///     .config(
    ///         "authorizer.class.name",
    ///         "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    ///     )
    ///     .acl(Acl::allow("User:alice", Operation::Read, ResourceType::Topic, "orders"))
    ///     .start_blocking()?;
    /// assert_eq!(broker.acls(&AclQuery::default()).len(), 1);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn acl(mut self, acl: Acl) -> Self {
        let (what, place) = (acl, None);
        self.origin.acls.push(Located { what, place });
        self
    }

    /// How many bytes of records the cluster holds at most. By default that is half of the memory that the process may
    /// use, by its control group, its limit of address space and the machine, and 1 GiB where none of them is known.
    /// Beyond it producers get KAFKA_STORAGE_ERROR, and a line in the log says so.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().max_log_bytes(8 << 30).start_blocking()?;
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub const fn max_log_bytes(mut self, bytes: u64) -> Self {
        self.max_log_bytes = Some(bytes);
        self
    }

    /// How long it takes, on the cluster's clock, until a topic exists that the cluster makes because a client asks about
    /// it (`auto.create.topics.enable`): 30 ms by default, as in Kafka, and no time with a manual clock. Until then clients
    /// are told UNKNOWN_TOPIC_OR_PARTITION. A topic that CreateTopics makes exists once that request is answered.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let broker = fauxka::Broker::builder().auto_create_delay(Duration::ZERO).start_blocking()?;
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub const fn auto_create_delay(mut self, delay: Duration) -> Self {
        self.auto_create_delay = Some(delay);
        self
    }
}
