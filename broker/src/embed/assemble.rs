//! Making a cluster of what its builder says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::builder::{Builder, Profile};
#[cfg(feature = "tls")]
use super::certificates::Certificates;
use super::error::StartError;
use super::memory;
use super::placing::{Bound, Plan};
use super::tokens;
use crate::engine::cluster::configs::{StaticConfig, Unenforced, own_settings, parse_properties};
use crate::engine::msk::Place;
use crate::engine::new_topics::AUTO_CREATE_DELAY;
use crate::engine::recording::Head;
use crate::engine::sasl::oauth;
use crate::engine::time::Now;
use crate::engine::{Engine, NodeSettings, Settings};
use crate::server::clock::Clock;
use crate::server::journal_file::JournalFile;
use crate::server::limits::Limits;
use crate::server::links::LinkRules;
use crate::server::recorder::Recorder;
use crate::server::shared::Shared;
use crate::wire::releases::Release;
use crate::wire::units::NodeId;

/// What is known of a cluster once it runs.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) bootstrap: String,
    /// What clients begin with by each listener's name.
    pub(super) bootstraps: Vec<(String, String)>,
    pub(super) control: Option<String>,
    #[cfg(feature = "tls")]
    pub(super) certificates: Option<Arc<Certificates>>,
    pub(super) seed: u64,
    pub(super) shared: Arc<Shared>,
}

/// A cluster that nobody serves yet.
pub(super) struct Assembled {
    pub(super) shared: Arc<Shared>,
    /// What clients begin with by each listener's name, the first one's first.
    pub(super) bootstraps: Vec<(String, String)>,
    #[cfg(feature = "tls")]
    pub(super) certificates: Option<Arc<Certificates>>,
    pub(super) seed: u64,
}

impl Assembled {
    /// What is known of it once it is served.
    pub(super) fn started(&self, control: Option<String>) -> Started {
        Started {
            bootstrap: self
                .bootstraps
                .first()
                .map(|(_, at)| at.clone())
                .unwrap_or_default(),
            bootstraps: self.bootstraps.clone(),
            control,
            #[cfg(feature = "tls")]
            certificates: self.certificates.clone(),
            seed: self.seed,
            shared: Arc::clone(&self.shared),
        }
    }
}

/// Makes the cluster whose nodes listen at these places.
pub(super) fn assemble(
    builder: &Builder,
    config: StaticConfig,
    ids: &[NodeId],
    bound: &Bound,
    clock: Clock,
) -> Result<Assembled, StartError> {
    let limits = Limits::of(&config);
    let release = builder.as_version.as_deref().map(Release::of).transpose();
    let release = release.map_err(StartError::invalid)?;
    let settings = Settings {
        release,
        jwks: tokens::key_sets(&config, &bound.listeners)?,
        oauth: tokens::endpoint(builder)?,
        ..settings(builder, config, ids, bound)
    };
    oauth::checks(&settings).map_err(StartError::Invalid)?;
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
        bootstraps: bound.bootstraps.clone(),
        #[cfg(feature = "tls")]
        certificates: None,
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

pub(super) fn static_config(builder: &Builder) -> Result<StaticConfig, StartError> {
    let properties = parse_properties(&builder.properties)
        .map_err(|error| StartError::Invalid(format!("the properties cannot be read: {error}")))?;
    let weaker = builder.file_config.iter().cloned();
    let properties: Vec<_> = weaker.chain(properties).collect();
    let (mut config, notes) = StaticConfig::read(&properties, &builder.config, builder.nodes)
        .map_err(StartError::invalid)?;
    for note in notes {
        tracing::info!("{note}");
    }
    if builder.oauth.is_some() {
        config.fill([
            (
                "sasl.oauthbearer.expected.issuer",
                tokens::ISSUER.to_owned(),
            ),
            (
                "sasl.oauthbearer.allow.unverified.audience",
                "true".to_owned(),
            ),
        ]);
    }
    Ok(config)
}

/// The cluster of MSK that this one stands for, if it does.
fn msk(builder: &Builder) -> Option<Place> {
    let is_one = !builder.origin.access_keys.is_empty();
    let place = builder.msk.clone();
    let mut place = place.or_else(|| is_one.then(Place::default))?;
    place.serverless = builder.profile.is_some_and(Profile::is_serverless);
    Some(place)
}

/// Refuses settings that would change who can connect or what clients may do, and have no effect with such listeners.
pub(super) fn refuse_unenforced(
    builder: &Builder,
    config: &StaticConfig,
    plan: &Plan,
) -> Result<(), StartError> {
    let unenforced = config.unenforced(plan.ways());
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
    Ok(())
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

fn settings(builder: &Builder, config: StaticConfig, ids: &[NodeId], bound: &Bound) -> Settings {
    let kept = builder.origin.snapshot.iter();
    let kept: Vec<_> = kept.flat_map(|said| said.what.nodes()).collect();
    let rack = |id: NodeId| {
        let was = kept.iter().find(|node| node.id == id);
        let given = builder.racks.get(&id.0);
        given.or_else(|| was?.rack.as_ref()).map(String::as_str)
    };
    let ways = (bound.listeners.as_slice(), bound.addresses.as_slice());
    let nodes = ids
        .iter()
        .map(|id| NodeSettings {
            id: *id,
            rack: rack(*id)
                .or_else(|| config.get("broker.rack"))
                .map(str::to_owned),
            own: own_settings(*id, ways, rack(*id), &config),
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
        max_log_bytes: builder.max_log_bytes.unwrap_or_else(memory::for_logs),
        listeners: bound.listeners.clone(),
        places: bound.addresses.clone(),
        release: None,
        msk: msk(builder),
        oauth: None,
        jwks: BTreeMap::new(),
        journal: builder.journal,
        auto_create_delay: builder.auto_create_delay.unwrap_or(auto_create_delay),
        check_invariants: builder.check_invariants,
    }
}
