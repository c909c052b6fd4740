//! Making a cluster of what its builder says.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::builder::Builder;
use super::endpoints::{self, Endpoint};
use super::error::StartError;
use crate::engine::cluster::configs::{StaticConfig, Unenforced, own_settings, parse_properties};
use crate::engine::new_topics::AUTO_CREATE_DELAY;
use crate::engine::recording::Head;
use crate::engine::sasl::Mechanism;
use crate::engine::time::Now;
use crate::engine::{Engine, NodeSettings, Settings};
use crate::server::clock::Clock;
use crate::server::journal_file::JournalFile;
use crate::server::limits::Limits;
use crate::server::links::LinkRules;
use crate::server::listener;
use crate::server::recorder::Recorder;
use crate::server::shared::Shared;
use crate::wire::releases::Release;
use crate::wire::units::NodeId;

/// What is known of a cluster once it runs.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) bootstrap: String,
    pub(super) control: Option<String>,
    pub(super) seed: u64,
    pub(super) shared: Arc<Shared>,
}

/// A cluster that nobody serves yet.
pub(super) struct Assembled {
    pub(super) shared: Arc<Shared>,
    pub(super) ids: Vec<NodeId>,
    pub(super) bootstrap: String,
    pub(super) seed: u64,
}

impl Assembled {
    /// What is known of it once it is served.
    pub(super) fn started(&self, control: Option<String>) -> Started {
        Started {
            bootstrap: self.bootstrap.clone(),
            control,
            seed: self.seed,
            shared: Arc::clone(&self.shared),
        }
    }
}

/// Makes the cluster whose nodes listen at these addresses.
pub(super) fn assemble(
    builder: &Builder,
    config: StaticConfig,
    ids: Vec<NodeId>,
    addresses: &[SocketAddr],
    clock: Clock,
) -> Result<Assembled, StartError> {
    let limits = Limits::of(&config);
    let endpoints = endpoints::of(&builder.listen, builder.advertise.as_ref(), addresses);
    let mechanisms = mechanisms(builder, &config)?;
    let release = builder.as_version.as_deref().map(Release::of).transpose();
    let release = release.map_err(StartError::invalid)?;
    let settings = Settings {
        release,
        ..settings(builder, config, (&ids, &endpoints), mechanisms)
    };
    let shown: Vec<String> = endpoints.iter().map(ToString::to_string).collect();
    let now = clock.now();
    let recorder = recorder(builder, &settings, now)?;
    let engine = Engine::begin(settings, now, &builder.origin);
    let engine = engine.map_err(StartError::invalid)?;
    let links = LinkRules::new(builder.seed);
    let shared = Arc::new(Shared::new(engine, clock, limits, links));
    if let Some(recorder) = recorder {
        shared.begin_recording(recorder);
    }
    if let Some(target) = &builder.journal_file {
        if builder.journal.rows == 0 {
            let why = "a journal that keeps no rows has none to write to a file";
            return Err(StartError::invalid(why));
        }
        let file = JournalFile::begin(target).map_err(StartError::invalid)?;
        shared.begin_journal_file(file);
    }
    shared.tell_of_start();
    Ok(Assembled {
        shared,
        ids,
        bootstrap: shown.join(","),
        seed: builder.seed,
    })
}

/// Begins the recording, if there is to be one.
fn recorder(
    builder: &Builder,
    settings: &Settings,
    now: Now,
) -> Result<Option<Recorder>, StartError> {
    let Some(target) = &builder.record else {
        return Ok(None);
    };
    let head = Head::of(
        settings,
        builder.as_version.as_deref(),
        &builder.origin,
        now,
    );
    Recorder::begin(target, head)
        .map(Some)
        .map_err(StartError::invalid)
}

/// When a manual clock begins, if that is said: by its own start, or by the snapshot that the cluster begins from.
pub(super) fn time_of_day(builder: &Builder) -> Option<SystemTime> {
    let taken_at = || {
        let snapshot = &builder.origin.snapshot.as_ref()?.what;
        let millis = u64::try_from(snapshot.taken_at().0).ok()?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis))
    };
    builder.clock.start.or_else(taken_at)
}

/// Listeners for so many nodes, and where they are.
pub(super) fn bind(
    builder: &Builder,
    nodes: usize,
) -> Result<(Vec<TcpListener>, Vec<SocketAddr>), StartError> {
    let listeners = listener::bind(&builder.listen, nodes)
        .map_err(|(address, source)| StartError::Listen { address, source })?;
    let bound = listeners.iter().map(TcpListener::local_addr);
    let addresses = bound.collect::<Result<Vec<_>, _>>()?;
    Ok((listeners, addresses))
}

pub(super) fn static_config(builder: &Builder) -> Result<StaticConfig, StartError> {
    let properties = parse_properties(&builder.properties)
        .map_err(|error| StartError::Invalid(format!("the properties cannot be read: {error}")))?;
    let weaker = builder.file_config.iter().cloned();
    let properties: Vec<_> = weaker.chain(properties).collect();
    let (config, notes) = StaticConfig::read(&properties, &builder.config, builder.nodes)
        .map_err(StartError::invalid)?;
    for note in notes {
        tracing::info!("{note}");
    }
    let unenforced = config.unenforced(!builder.origin.users.is_empty());
    if builder.lenient {
        for Unenforced { name, instead } in unenforced {
            tracing::warn!("{name} is accepted, but has no effect here: {instead}");
        }
    } else if let [Unenforced { name, instead }, others @ ..] = unenforced.as_slice() {
        let others: Vec<_> = others.iter().map(|other| other.name.as_str()).collect();
        let others = if others.is_empty() {
            String::new()
        } else {
            format!(", nor has {}", others.join(", nor has "))
        };
        return Err(StartError::Invalid(format!(
            "{name} has no effect here{others}: {instead}; --lenient (Builder::lenient, lenient = true in a file) accepts \
             that nothing comes of it"
        )));
    }
    Ok(config)
}

pub(super) fn node_ids(builder: &Builder) -> Result<Vec<NodeId>, StartError> {
    if builder.nodes == 0 {
        return Err(StartError::invalid("a cluster has at least one node"));
    }
    let first = builder.first_node_id;
    let end = i32::try_from(builder.nodes)
        .ok()
        .and_then(|nodes| first.checked_add(nodes));
    let Some(end) = end.filter(|_| first >= 0) else {
        return Err(StartError::Invalid(format!(
            "{} nodes cannot have ids from {first} on: ids go from 0 to {}",
            builder.nodes,
            i32::MAX - 1
        )));
    };
    for (id, rack) in &builder.racks {
        if !(first..end).contains(id) {
            return Err(StartError::Invalid(format!(
                "there is no node {id} to put into rack {rack}"
            )));
        }
    }
    Ok((first..end).map(NodeId).collect())
}

/// By what clients log in, if there are users.
fn mechanisms(builder: &Builder, config: &StaticConfig) -> Result<Vec<Mechanism>, StartError> {
    if builder.origin.users.is_empty() {
        return Ok(Vec::new());
    }
    let Some(said) = config.get("sasl.enabled.mechanisms") else {
        return Ok(Mechanism::ALL.to_vec());
    };
    let names = said
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let mechanisms: Result<BTreeSet<Mechanism>, _> = names.map(str::parse).collect();
    let mechanisms = mechanisms.map_err(StartError::invalid)?;
    if mechanisms.is_empty() {
        let why = "there are users, but sasl.enabled.mechanisms has nothing to log in by";
        return Err(StartError::invalid(why));
    }
    Ok(mechanisms.into_iter().collect())
}

fn settings(
    builder: &Builder,
    config: StaticConfig,
    (ids, endpoints): (&[NodeId], &[Endpoint]),
    mechanisms: Vec<Mechanism>,
) -> Settings {
    let kept = builder.origin.snapshot.iter();
    let kept: Vec<_> = kept.flat_map(|said| said.what.nodes()).collect();
    let rack = |id: NodeId| {
        let was = kept.iter().find(|node| node.id == id);
        let given = builder.racks.get(&id.0);
        given.or_else(|| was?.rack.as_ref()).map(String::as_str)
    };
    let nodes = ids
        .iter()
        .zip(endpoints)
        .map(|(id, endpoint)| NodeSettings {
            id: *id,
            rack: rack(*id)
                .or_else(|| config.get("broker.rack"))
                .map(str::to_owned),
            own: own_settings(*id, &endpoint.to_string(), rack(*id), &mechanisms, &config),
            host: endpoint.host.clone(),
            port: endpoint.port,
        })
        .collect();
    // Nobody moves a manual clock for a topic to be there.
    let auto_create_delay = if builder.clock.manual {
        Duration::ZERO
    } else {
        AUTO_CREATE_DELAY
    };
    Settings {
        nodes,
        fixed: config,
        seed: builder.seed,
        max_log_bytes: builder.max_log_bytes,
        advertise: endpoints::advertise(builder.advertise.as_ref(), endpoints),
        release: None,
        journal: builder.journal,
        sasl: mechanisms,
        auto_create_delay: builder.auto_create_delay.unwrap_or(auto_create_delay),
        check_invariants: builder.check_invariants,
    }
}
