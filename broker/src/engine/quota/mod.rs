//! Client quotas: who may do how much, and what that makes of requests (KIP-13, KIP-124, KIP-219, KIP-599, KIP-612).
//!
//! A quota is set for an entity. Which one counts for a request follows Kafka's order; all clients that share
//! one are measured together, each node for itself and the controller for the cluster. Time is given, so that
//! windows and token buckets follow the cluster's clock.

mod address;
mod bucket;
mod charge;
mod entity;
mod filter;
mod key;
mod limits;
pub(super) mod rate;
#[cfg(test)]
mod tests;
mod usage;

pub(crate) use entity::Entity;
pub(crate) use filter::Filter;
pub(crate) use rate::{Rate, Windows};

use core::net::IpAddr;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::engine::api_error::ApiError;
use crate::engine::java::hash::JavaHash as _;
use crate::engine::java::hash_map;
use crate::engine::java::hash_order::HashOrder;
use crate::wire::error::ErrorCode;
use entity::{CLIENT_ID, IP, USER};
use key::{CONNECTION_RATE, ClientQuota};
use limits::{Limits, QuotaEntity};
use usage::Usage;

/// How many entities may have quotas.
const ENTITIES_MAX: usize = 10_000;

/// How many quotas one request may change.
const CHANGES_MAX: usize = 10_000;

/// What is to become of the quotas of an entity: values by key, none to remove one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Alteration {
    pub(crate) entity: Entity,
    pub(crate) ops: Vec<(String, Option<f64>)>,
}

/// An entity, and whether its quotas could be altered.
pub(crate) type Altered = (Entity, Result<(), ApiError>);

/// A value that is set or, if there is none, removed.
type Change = (Entity, String, Option<f64>);

/// All quotas, and what has been used of them.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    entities: BTreeMap<Entity, BTreeMap<String, f64>>,
    /// As in Kafka's metadata, where each change fills a new table, made for as many as there were before.
    order: HashOrder<Entity>,
    limits: BTreeMap<ClientQuota, Limits>,
    /// Connections a second from an address; the default has none.
    connection_rates: BTreeMap<Option<IpAddr>, f64>,
    usage: Usage,
}

/// The quotas of an entity, as a snapshot has them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptQuotas {
    entity: Entity,
    values: BTreeMap<String, f64>,
}

impl KeptQuotas {
    /// Asks whether there can be such quotas.
    pub(crate) fn check(&self) -> Result<(), String> {
        let values = self.values.iter();
        let ops = values.map(|(key, value)| (key.clone(), Some(*value)));
        let planned = Quotas::default().plan(&self.entity, ops.collect());
        planned
            .map(drop)
            .map_err(|_| format!("{} cannot have these quotas", self.entity))
    }
}

impl Quotas {
    /// What is set; what has been used of it lives in a broker's memory.
    pub(crate) fn keep(&self) -> Vec<KeptQuotas> {
        let Self {
            entities,
            // These follow from what is set.
            order: _,
            limits: _,
            connection_rates: _,
            usage: _,
        } = self;
        let entities = entities.iter();
        let kept = entities.map(|(entity, values)| KeptQuotas {
            entity: entity.clone(),
            values: values.clone(),
        });
        kept.collect()
    }

    /// Quotas that were kept, of which nothing has been used.
    pub(crate) fn of(kept: &[KeptQuotas]) -> Self {
        let mut quotas = Self::default();
        for KeptQuotas { entity, values } in kept {
            for (key, value) in values {
                quotas.change((entity.clone(), key.clone(), Some(*value)));
            }
        }
        quotas.order.copied_into(0);
        quotas
    }

    /// Alters quotas unless it is only to be seen whether that can be. Each entity has an answer, in the order of a
    /// table of them.
    pub(crate) fn alter(
        &mut self,
        alterations: Vec<Alteration>,
        only: bool,
    ) -> Result<Vec<Altered>, ApiError> {
        let mut order = Vec::new();
        let mut results = BTreeMap::new();
        let mut changes = Vec::new();
        for Alteration { entity, ops } in alterations {
            if !results.contains_key(&entity) {
                order.push(entity.clone());
            }
            let result = if results.contains_key(&entity) || has_key_twice(&ops) {
                let why = format!("Ignoring duplicate entity {entity}");
                Err(ApiError::invalid_request(why))
            } else {
                self.plan(&entity, ops).map(|new| changes.extend(new))
            };
            results.insert(entity, result);
        }
        if changes.len() > CHANGES_MAX {
            return Err(ApiError::new(
                ErrorCode::PolicyViolation,
                "Unable to perform excessively large batch operation.",
            ));
        }
        if !only {
            self.check_room(&changes)?;
            let before = self.entities.len();
            changes.into_iter().for_each(|change| self.change(change));
            self.order.copied_into(before);
        }
        hash_map::sort(&mut order, Entity::java_hash);
        let result = |entity: Entity| {
            let result = results.remove(&entity)?;
            Some((entity, result))
        };
        Ok(order.into_iter().filter_map(result).collect())
    }

    /// What an alteration changes, if it may.
    fn plan(
        &self,
        entity: &Entity,
        mut ops: Vec<(String, Option<f64>)>,
    ) -> Result<Vec<Change>, ApiError> {
        let scope = key::scope(entity)?;
        let known = self.entities.get(entity);
        let current = |key: &str| known.and_then(|values| values.get(key)).copied();
        hash_map::sort_made_for(&mut ops, |(key, _)| key);
        let mut changes = Vec::new();
        for (key, value) in ops {
            if let Some(value) = value {
                key::check(scope, &key, value)?;
            }
            if current(&key) != value {
                changes.push((entity.clone(), key, value));
            }
        }
        Ok(changes)
    }

    fn check_room(&self, changes: &[Change]) -> Result<(), ApiError> {
        let new = changes.iter().map(|(entity, _, _)| entity);
        let new = new
            .filter(|entity| !self.entities.contains_key(*entity))
            .count();
        if self.entities.len().saturating_add(new) > ENTITIES_MAX && new > 0 {
            return Err(ApiError::new(
                ErrorCode::PolicyViolation,
                format!("No more than {ENTITIES_MAX} entities can have quotas here."),
            ));
        }
        Ok(())
    }

    fn change(&mut self, (entity, key, value): Change) {
        self.enforce(&entity, &key, value);
        self.order.insert(&entity);
        let values = self.entities.entry(entity.clone()).or_default();
        match value {
            Some(value) => drop(values.insert(key, value)),
            None => drop(values.remove(&key)),
        }
        if values.is_empty() {
            self.entities.remove(&entity);
            self.order.remove(&entity);
        }
    }

    /// Has a change take effect on what comes.
    fn enforce(&mut self, entity: &Entity, key: &str, value: Option<f64>) {
        if let Some(quota) = ClientQuota::of(key) {
            let name = |kind| entity.name(kind).map(|name| name.map(str::to_owned));
            let subject = QuotaEntity {
                user: name(USER),
                client_id: name(CLIENT_ID),
            };
            self.limits.entry(quota).or_default().set(subject, value);
        } else if key == CONNECTION_RATE
            && let Some(name) = entity.name(IP)
        {
            let address = name.and_then(address::parse);
            match value {
                Some(value) => drop(self.connection_rates.insert(address, value)),
                None => drop(self.connection_rates.remove(&address)),
            }
        }
    }

    /// The quotas of the entities that a filter means, keys in the order of their table.
    pub(crate) fn describe(&self, filter: &Filter) -> Vec<(&Entity, Vec<(&str, f64)>)> {
        let all = self.order.walk();
        let entities = filter.chosen(all).into_iter();
        let rows = entities.filter_map(|entity| {
            let values = self.entities.get(entity)?.iter();
            let mut values: Vec<_> = values.map(|(key, value)| (key.as_str(), *value)).collect();
            hash_map::sort_made_for(&mut values, |(key, _)| key);
            Some((entity, values))
        });
        rows.collect()
    }

    /// How many connections a second an address may open, if that is limited.
    pub(crate) fn connection_rate(&self, address: IpAddr) -> Option<f64> {
        let own = self.connection_rates.get(&Some(address));
        own.or_else(|| self.connection_rates.get(&None)).copied()
    }
}

fn has_key_twice(ops: &[(String, Option<f64>)]) -> bool {
    let mut keys: Vec<_> = ops.iter().map(|(key, _)| key).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair.first() == pair.last())
}
