//! Conditions that narrow a query down.

use super::{Journal, Query};
use crate::engine::applied::Applied;
use crate::wire::api::Api;
use crate::wire::error::ErrorCode;

/// Conditions can be put to the journal itself and to what is left of it.
macro_rules! conditions {
    ($($(#[$doc:meta])* pub fn $name:ident($filter:ident, $value:ident: $kind:ty) { $set:expr })*) => {
        impl Query {
            $(
                $(#[$doc])*
                pub fn $name(mut self, $value: $kind) -> Self {
                    let $filter = &mut self.filter;
                    $set;
                    self
                }
            )*
        }

        impl Journal {
            $(
                $(#[$doc])*
                pub fn $name(&self, $value: $kind) -> Query {
                    self.all().$name($value)
                }
            )*
        }
    };
}

conditions! {
    /// Only rows of one kind, as their JSON names it: `request`, `group_state`, `leader_moved`, …
    ///
    /// ```
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// assert_eq!(broker.journal().kind("topic_created").count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn kind(filter, kind: &str) { filter.kind = Some(kind.to_owned()) }

    /// Only requests of one kind.
    ///
    /// ```
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").send()?;
    /// assert_eq!(broker.journal().api(Api::Produce).count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn api(filter, api: Api) { filter.api = Some(api) }

    /// Only what concerns a client, by the name that it gives itself.
    ///
    /// ```
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// hello(&broker)?; // a client named `shop`
    /// assert_eq!(broker.journal().client_id("shop").api(Api::ApiVersions).count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn client_id(filter, id: &str) { filter.client_id = Some(id.to_owned()) }

    /// Only requests of a principal: `User:alice`, or `User:ANONYMOUS` for a client that has not logged in.
    ///
    /// ```
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// assert_eq!(broker.journal().principal("User:alice").count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn principal(filter, name: &str) { filter.principal = Some(name.to_owned()) }

    /// Only what concerns one connection, by its number: connections are numbered from 1.
    ///
    /// ```
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// assert_eq!(broker.journal().connection(1).count(), 0, "nobody has connected");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn connection(filter, connection: u64) { filter.connection = Some(connection) }

    /// Only what concerns a node.
    ///
    /// ```
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.node(1).stop_blocking()?;
    /// assert_eq!(broker.journal().node(1).kind("node_stopped").count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn node(filter, id: i32) { filter.node = Some(id) }

    /// Only what concerns a topic.
    ///
    /// ```
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// assert_eq!(broker.journal().topic("orders").kind("topic_created").count(), 1);
    /// assert_eq!(broker.journal().topic("payments").count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn topic(filter, name: &str) { filter.topic = Some(name.to_owned()) }

    /// Only what concerns a partition, by its index.
    ///
    /// ```
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").send()?;
    /// assert_eq!(broker.journal().api(Api::Produce).topic("orders").partition(0).count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn partition(filter, index: i32) { filter.partition = Some(index) }

    /// Only what concerns a group.
    ///
    /// ```
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// assert_eq!(broker.journal().group("billing").count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn group(filter, id: &str) { filter.group = Some(id.to_owned()) }

    /// Only requests of a member, by its id or its group instance id.
    ///
    /// ```
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// assert_eq!(broker.journal().member("worker-1").count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn member(filter, id: &str) { filter.member = Some(id.to_owned()) }

    /// Only what concerns a transactional id.
    ///
    /// ```
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// assert_eq!(broker.journal().transactional_id("shop-1").count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn transactional_id(filter, id: &str) { filter.transactional_id = Some(id.to_owned()) }

    /// Only what concerns a producer, by its id.
    ///
    /// ```
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// assert_eq!(broker.journal().producer_id(1000).count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn producer_id(filter, id: i64) { filter.producer_id = Some(id) }

    /// Only requests whose answer holds this error.
    ///
    /// ```
    /// # use fauxka::{Broker, ErrorCode};
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// assert_eq!(broker.journal().error(ErrorCode::NotLeaderOrFollower).count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn error(filter, error: ErrorCode) { filter.error = Some(error) }

    /// Only requests of which so much was carried out, whatever their clients were told.
    ///
    /// ```
    /// # use fauxka::{Api, Broker, journal::Applied};
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").send()?;
    /// assert_eq!(broker.journal().api(Api::Produce).applied(Applied::Yes).count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn applied(filter, applied: Applied) { filter.applied = Some(applied) }

    /// Only requests that a fault rule of this name has acted on.
    ///
    /// ```
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// broker.on(Api::ApiVersions).named("odd").after_apply().edit("errorCode", 42).mount();
    /// hello(&broker)?;
    /// assert_eq!(broker.journal().rule("odd").count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rule(filter, name: &str) { filter.rule = Some(name.to_owned()) }

    /// Only rows after the one of this number; see [`Journal::last`].
    ///
    /// ```
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// let before = broker.journal().last();
    /// broker.produce("orders").send()?;
    /// assert_eq!(broker.journal().after(before).count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn after(filter, sequence: u64) { filter.after = sequence }
}

impl Journal {
    /// Only requests whose answer holds an error, whichever it is.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// // … the application runs …
    /// assert_eq!(broker.journal().with_errors().count(), 0);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn with_errors(&self) -> Query {
        self.all().with_errors()
    }
}
