//! Which listeners a cluster gets.

use std::collections::BTreeSet;

use super::kafka;
use crate::embed::builder::Builder;
use crate::embed::error::StartError;
use crate::embed::listeners::{Listener, check_name};
use crate::engine::cluster::configs::{StaticConfig, Ways};
use crate::engine::{Mechanism, Protocol};

/// One listener to be.
#[derive(Debug)]
pub(in crate::embed) struct Planned {
    pub(in crate::embed) said: Listener,
    /// What clients log in by; empty if they do not.
    pub(in crate::embed) mechanisms: Vec<Mechanism>,
}

/// The listeners to be, the first one first.
#[derive(Debug)]
pub(in crate::embed) struct Plan(pub(in crate::embed) Vec<Planned>);

impl Plan {
    /// Whether clients log in by a mechanism somewhere.
    pub(in crate::embed) fn take(&self, mechanism: Mechanism) -> bool {
        let mut all = self.0.iter();
        all.any(|planned| planned.mechanisms.contains(&mechanism))
    }

    /// What the listeners are like.
    pub(in crate::embed) fn ways(&self) -> Ways {
        let all = || self.0.iter().map(|planned| planned.said.protocol);
        Ways {
            log_in: all().any(Protocol::logs_in),
            have_tls: all().any(Protocol::has_tls),
            take_tokens: self.take(Mechanism::OAuthBearer),
        }
    }
}

/// What is said of listeners, taken together.
///
/// # Errors
/// It cannot be.
pub(in crate::embed) fn plan(builder: &Builder, config: &StaticConfig) -> Result<Plan, StartError> {
    let listeners = said(builder, config)?;
    let has_users = builder.has_log_ins();
    let mut planned: Vec<Planned> = Vec::with_capacity(listeners.len());
    for said in listeners {
        check_name(&said.name).map_err(StartError::invalid)?;
        if planned.iter().any(|known| known.said.name == said.name) {
            let why = format!("there are two listeners {}", said.name);
            return Err(StartError::Invalid(why));
        }
        if said.protocol.has_tls() && !cfg!(feature = "tls") {
            return Err(StartError::Invalid(format!(
                "listener {} needs TLS: build Fauxka with its feature \"tls\"",
                said.name
            )));
        }
        check_nodes(builder, &said)?;
        let mechanisms = mechanisms(builder, &said, config)?;
        planned.push(Planned { said, mechanisms });
    }
    if has_users && !planned.iter().any(|known| known.said.protocol.logs_in()) {
        let why = "there are users, keys or tokens to log in with, but no listener by which they log in: make one SASL_PLAINTEXT or SASL_SSL";
        return Err(StartError::invalid(why));
    }
    Ok(Plan(planned))
}

/// What is said of listeners; a single one if nothing is.
fn said(builder: &Builder, config: &StaticConfig) -> Result<Vec<Listener>, StartError> {
    if !builder.listeners.is_empty() {
        if builder.listen.is_some() || builder.advertise.is_some() {
            return Err(StartError::invalid(
                "the listeners say where nodes are reached: leave out listen and advertise",
            ));
        }
        return Ok(builder.listeners.clone());
    }
    if builder.listen.is_none() {
        let mut listeners = kafka::listeners(config).map_err(StartError::Invalid)?;
        if let (Some(advertise), [only]) = (&builder.advertise, listeners.as_mut_slice()) {
            only.advertise = Some(advertise.clone());
        } else if builder.advertise.is_some() && listeners.len() > 1 {
            return Err(StartError::invalid(
                "listeners has several: say what clients are told with advertised.listeners, not with advertise",
            ));
        }
        if !listeners.is_empty() {
            return Ok(listeners);
        }
    } else if config.get("listeners").is_some() {
        tracing::info!("listen is stronger than Kafka's listeners, which count for nothing");
    }
    let listen = builder
        .listen
        .as_ref()
        .unwrap_or(&builder.listen_by_default);
    if let Some(profile) = builder.profile {
        let (host, port) = listen.rsplit_once(':').unwrap_or((listen, ""));
        return Ok(profile.listeners(host, port == "0"));
    }
    let protocol = match (!builder.has_log_ins(), builder.has_tls()) {
        (true, false) => Protocol::Plaintext,
        (true, true) => Protocol::Ssl,
        (false, false) => Protocol::SaslPlaintext,
        (false, true) => Protocol::SaslSsl,
    };
    Ok(vec![Listener {
        listen: listen.clone(),
        advertise: builder.advertise.clone(),
        ..Listener::new(protocol.name(), protocol)
    }])
}

fn check_nodes(builder: &Builder, said: &Listener) -> Result<(), StartError> {
    let nodes = i32::try_from(builder.nodes).unwrap_or(i32::MAX);
    let first = builder.first_node_id;
    let known = first..first.saturating_add(nodes);
    let named = said.nodes.iter().flatten();
    let mut unknown = named.filter(|node| !known.contains(node));
    let name = &said.name;
    if let Some(node) = unknown.next() {
        let why = format!("listener {name}: there is no node {node}");
        return Err(StartError::Invalid(why));
    }
    if said.nodes.as_ref().is_some_and(BTreeSet::is_empty) {
        let why = format!("no node has the listener {name}");
        return Err(StartError::Invalid(why));
    }
    Ok(())
}

/// By what clients log in.
fn mechanisms(
    builder: &Builder,
    said: &Listener,
    config: &StaticConfig,
) -> Result<Vec<Mechanism>, StartError> {
    if !said.protocol.logs_in() {
        return Ok(Vec::new());
    }
    if let Some(mechanisms) = &said.mechanisms {
        return Ok(mechanisms.clone());
    }
    let own = format!(
        "listener.name.{}.sasl.enabled.mechanisms",
        said.name.to_ascii_lowercase()
    );
    let given = config
        .get(&own)
        .or_else(|| config.get("sasl.enabled.mechanisms"));
    let Some(given) = given else {
        return Ok(by_default(builder));
    };
    let names = given.split(',').map(str::trim);
    let names = names.filter(|name| !name.is_empty());
    let mechanisms: Result<BTreeSet<Mechanism>, _> = names.map(str::parse).collect();
    let mechanisms = mechanisms.map_err(StartError::invalid)?;
    if mechanisms.is_empty() {
        let why = format!(
            "clients log in by the listener {}, but sasl.enabled.mechanisms has nothing to log in by",
            said.name
        );
        return Err(StartError::Invalid(why));
    }
    Ok(mechanisms.into_iter().collect())
}

/// By what clients log in where nothing is said of it: by what somebody has.
fn by_default(builder: &Builder) -> Vec<Mechanism> {
    let mut mechanisms = Vec::new();
    if !builder.origin.access_keys.is_empty() {
        mechanisms.extend([Mechanism::AwsMskIam, Mechanism::OAuthBearer]);
    } else if builder.oauth.is_some() {
        mechanisms.push(Mechanism::OAuthBearer);
    }
    // A user is also a client of the token endpoint.
    if !builder.origin.users.is_empty() || mechanisms.is_empty() {
        mechanisms.extend(Mechanism::WITH_PASSWORDS);
    }
    mechanisms
}
