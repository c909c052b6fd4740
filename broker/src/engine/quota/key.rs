//! What can be limited.

use super::entity::{CLIENT_ID, Entity, IP, USER};
use crate::engine::api_error::ApiError;

/// Kafka takes a number for whole if it is this little above one.
const EPSILON: f64 = 1e-6;

/// The largest values that fit into Java's types, as Java compares with them.
const LONG_MAX: f64 = 9_223_372_036_854_775_807.0;
const INT_MAX: f64 = 2_147_483_647.0;

/// What users and clients can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ClientQuota {
    Produce,
    Fetch,
    /// Time of Kafka's threads; it is kept, and limits nothing.
    Request,
    ControllerMutation,
}

impl ClientQuota {
    const ALL: [Self; 4] = [
        Self::Produce,
        Self::Fetch,
        Self::Request,
        Self::ControllerMutation,
    ];

    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Produce => "producer_byte_rate",
            Self::Fetch => "consumer_byte_rate",
            Self::Request => "request_percentage",
            Self::ControllerMutation => "controller_mutation_rate",
        }
    }

    pub(crate) fn of(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|quota| quota.key() == key)
    }
}

/// The only quota of an address.
pub(crate) const CONNECTION_RATE: &str = "connection_creation_rate";

/// Who an entity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Client,
    Address,
}

/// Whether there can be such an entity.
pub(super) fn scope(entity: &Entity) -> Result<Scope, ApiError> {
    if entity.len() == 0 {
        return Err(ApiError::invalid_request(
            "Invalid empty client quota entity",
        ));
    }
    for (kind, name) in entity.names() {
        if ![USER, CLIENT_ID, IP].contains(&kind) {
            let why = format!("Unhandled client quota entity type: {kind}");
            return Err(ApiError::invalid_request(why));
        }
        if name == Some("") {
            return Err(ApiError::invalid_request(format!(
                "Empty {kind} not supported"
            )));
        }
    }
    match entity.name(IP) {
        None => Ok(Scope::Client),
        Some(_) if entity.len() > 1 => Err(ApiError::invalid_request(
            "Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId",
        )),
        Some(Some(ip)) if super::address::parse(ip).is_none() => Err(ApiError::invalid_request(
            format!("{ip} is not a valid IP or resolvable host."),
        )),
        Some(_) => Ok(Scope::Address),
    }
}

/// Whether a quota can have a value.
pub(super) fn check(scope: Scope, key: &str, value: f64) -> Result<(), ApiError> {
    let known = match scope {
        Scope::Client => ClientQuota::of(key).is_some(),
        Scope::Address => key == CONNECTION_RATE,
    };
    let why = if !known {
        format!("Invalid configuration key {key}")
    } else if !value.is_finite() {
        format!("Quota {key} must be a finite number")
    } else if value <= 0.0 {
        format!("Quota {key} must be greater than 0")
    } else {
        return check_type(scope, key, value);
    };
    Err(ApiError::invalid_request(why))
}

fn check_type(scope: Scope, key: &str, value: f64) -> Result<(), ApiError> {
    let (largest, name) = match (scope, ClientQuota::of(key)) {
        (Scope::Address, _) => (INT_MAX, "an INT"),
        (_, Some(ClientQuota::Produce | ClientQuota::Fetch)) => (LONG_MAX, "a LONG"),
        (_, _) => return Ok(()),
    };
    if value > largest {
        let why = format!("Proposed value for {key} is too large for {name}.");
        return Err(ApiError::invalid_request(why));
    }
    if value % 1.0 > EPSILON {
        let why = format!("{key} cannot be a fractional value.");
        return Err(ApiError::invalid_request(why));
    }
    Ok(())
}
