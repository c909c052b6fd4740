//! UpdateFeatures (key 57), v0–v2 (KIP-584, KIP-778, KIP-1022).
//!
//! Oracle: one bad update refuses all of them, with the fault of the first in a table of Java's; the timeout does not
//! matter. Level 0 stands for "not in use" and is supported of every feature but the metadata
//! version.

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::features::{KRAFT_VERSION, METADATA_VERSION};
use crate::engine::java::hash_map;
use crate::wire::error::ErrorCode;
use crate::wire::messages::update_features_request::FeatureUpdateKey;
use crate::wire::messages::update_features_response::UpdatableFeatureResult;
use crate::wire::messages::{StrBytes, UpdateFeaturesRequest, UpdateFeaturesResponse, str_bytes};

/// What the request says that it does to a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Upgrade,
    SafeDowngrade,
    UnsafeDowngrade,
}

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: UpdateFeaturesRequest,
) -> Answer<UpdateFeaturesResponse> {
    let response = UpdateFeaturesResponse::default();
    if let Err(error) = cx.access().cluster_or_ends(Operation::Alter) {
        let response = response.with_error_code(error.code.code());
        return Answer::Reply(response.with_error_message(error.wire_message()));
    }
    let version = cx.call.version;
    let mut updates: Vec<&FeatureUpdateKey> = request.feature_updates.iter().collect();
    hash_map::sort_by_name(&mut updates, |update| &update.feature);
    let mut updates = updates.into_iter();
    let fault = updates.find_map(|update| check(cx, update).err());
    if let Some(fault) = fault {
        let message = format!(
            "The update failed for all features since the following feature had an error: {fault}"
        );
        return Answer::Reply(
            response
                .with_error_code(ErrorCode::InvalidUpdateVersion.code())
                .with_error_message(Some(str_bytes(message))),
        );
    }
    let response = response.with_error_message(None);
    if !(version > 0 && request.validate_only) {
        for update in &request.feature_updates {
            cx.state
                .features
                .set(&update.feature, update.max_version_level);
        }
    }
    if version > 1 {
        return Answer::Reply(response);
    }
    let results = request.feature_updates.into_iter().map(|update| {
        UpdatableFeatureResult::default()
            .with_feature(update.feature)
            .with_error_message(Some(StrBytes::from_static_str("NONE")))
    });
    Answer::Reply(response.with_results(results.collect()))
}

fn check(cx: &Context<'_>, update: &FeatureUpdateKey) -> Result<(), String> {
    let (name, level) = (update.feature.as_str(), update.max_version_level);
    let invalid = |why: String| {
        Err(format!(
            "Invalid update version {level} for feature {name}. {why}"
        ))
    };
    let Some(kind) = kind(cx.call.version, update) else {
        return invalid("The controller does not support the given upgrade type.".to_owned());
    };
    if level < 0 {
        return invalid("A feature version cannot be less than 0.".to_owned());
    }
    let controller = cx.state.cluster.active_controller();
    match cx.state.features.find(name) {
        None if level == 0 => return invalid(format!("Feature {name} not found.")),
        None => {
            return invalid(format!(
                "Local controller {controller} does not support this feature."
            ));
        }
        Some(feature) if !feature.supported.contains(&level) => {
            let (first, last) = (feature.supported.start(), feature.supported.end());
            return invalid(format!(
                "Local controller {controller} only supports versions {first}-{last}"
            ));
        }
        Some(_) => {}
    }
    let current = cx.state.features.level(name);
    let is_down = level < current;
    let why = match kind {
        Kind::Upgrade if is_down => {
            "Can't downgrade the version of this feature without setting the upgrade type to \
             either safe or unsafe downgrade."
        }
        Kind::SafeDowngrade | Kind::UnsafeDowngrade if level > current => {
            "Can't downgrade to a newer version."
        }
        _ if is_down && name == KRAFT_VERSION => "Can't downgrade the version of this feature.",
        _ if is_down && name == METADATA_VERSION => {
            return Err(metadata_stays(current, level, kind));
        }
        Kind::Upgrade | Kind::SafeDowngrade | Kind::UnsafeDowngrade => return Ok(()),
    };
    invalid(why.to_owned())
}

/// All levels below the current one keep less metadata.
fn metadata_stays(current: i16, level: i16, kind: Kind) -> String {
    let why = if kind == Kind::UnsafeDowngrade {
        "Unsafe metadata downgrade is not supported in this version."
    } else {
        "Refusing to perform the requested downgrade because it might delete metadata information."
    };
    format!("Unsupported metadata.version downgrade from {current} to {level}. {why}")
}

/// v0 can only say that a safe downgrade is fine.
const fn kind(version: i16, update: &FeatureUpdateKey) -> Option<Kind> {
    match update.upgrade_type {
        _ if version == 0 && update.allow_downgrade => Some(Kind::SafeDowngrade),
        _ if version == 0 => Some(Kind::Upgrade),
        1 => Some(Kind::Upgrade),
        2 => Some(Kind::SafeDowngrade),
        3 => Some(Kind::UnsafeDowngrade),
        _ => None,
    }
}
