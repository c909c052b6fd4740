//! ApiVersions (key 18), v0–v5.
//!
//! Oracle: since v3 a client names its software, by a rule (KIP-511); since v5 it may name the node
//! it thinks it has reached (KIP-1242). Supported features that start at 0 are left out below v4,
//! where clients stumble over them (KIP-1022). A version above ours is told which are served.

use crate::engine::context::{Answer, Context};
use crate::engine::features::{Feature, METADATA_VERSION};
use crate::engine::java::{hash, hash_map};
use crate::wire::apis::{ApiRow, advertised};
use crate::wire::error::ErrorCode;
use crate::wire::messages::api_versions_response::{
    ApiVersion, FinalizedFeatureKey, SupportedFeatureKey,
};
use crate::wire::messages::{ApiVersionsRequest, ApiVersionsResponse, StrBytes};

const SOFTWARE_SINCE: i16 = 3;
const FEATURES_FROM_ZERO_SINCE: i16 = 4;
const WHOM_SINCE: i16 = 5;

/// Answers at once.
#[expect(clippy::needless_pass_by_value, reason = "all handlers have one shape")]
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: ApiVersionsRequest,
) -> Answer<ApiVersionsResponse> {
    if let Some(too_new) = cx.call.too_new {
        return Answer::Reply(too_new.answer());
    }
    let version = cx.call.version;
    let named = is_software_name(&request.client_software_name)
        && is_software_name(&request.client_software_version);
    if version >= SOFTWARE_SINCE && !named {
        let code = ErrorCode::InvalidRequest.code();
        return Answer::Reply(ApiVersionsResponse::default().with_error_code(code));
    }
    let rows = match &cx.state.release {
        Some(release) => release.apis().map(|api| row(&api)).collect(),
        None => advertised().map(row).collect(),
    };
    let response = ApiVersionsResponse::default().with_api_keys(rows);
    let connection = cx.call.connection;
    // Before a client has authenticated nobody looks whom it means.
    if version >= WHOM_SINCE
        && !cx.state.sasl.is_opening(connection)
        && let Err(wrong) = check_whom(cx, &request)
    {
        return Answer::Reply(response.with_error_code(wrong.code()));
    }
    cx.state.sasl.versions_told(connection);
    let response = response
        .with_supported_features(supported(cx, version))
        .with_finalized_features_epoch(cx.state.features.epoch())
        .with_finalized_features(in_use(cx));
    Answer::Reply(response)
}

/// Whether the client has reached the node that it meant. It names both or neither of cluster and
/// node.
fn check_whom(cx: &Context<'_>, request: &ApiVersionsRequest) -> Result<(), ErrorCode> {
    match (request.cluster_id.as_deref(), request.node_id) {
        (None, -1) => Ok(()),
        (None, _) | (Some(_), -1) => Err(ErrorCode::InvalidRequest),
        (Some(id), node) if id == cx.state.cluster.id && node == cx.call.node.0 => Ok(()),
        (Some(_), _) => Err(ErrorCode::RebootstrapRequired),
    }
}

/// Letters and digits, with dots and dashes between them.
fn is_software_name(text: &str) -> bool {
    let is_plain = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    is_plain(text.chars().next())
        && is_plain(text.chars().next_back())
        && text.chars().all(is_allowed)
}

fn row(api: &ApiRow) -> ApiVersion {
    ApiVersion::default()
        .with_api_key(api.key)
        .with_min_version(api.min)
        .with_max_version(api.max)
}

fn supported(cx: &Context<'_>, version: i16) -> Vec<SupportedFeatureKey> {
    let shown =
        |feature: &&Feature| *feature.supported.start() > 0 || version >= FEATURES_FROM_ZERO_SINCE;
    let key = |feature: &Feature| {
        SupportedFeatureKey::default()
            .with_name(StrBytes::from_static_str(feature.name))
            .with_min_version(*feature.supported.start())
            .with_max_version(*feature.supported.end())
    };
    let known = cx.state.features.known();
    let mut known: Vec<&Feature> = known.iter().collect();
    hash_map::sort_by_name(&mut known, |feature| feature.name);
    known.into_iter().filter(shown).map(key).collect()
}

/// In the order of a copy of a table, to which the metadata's own feature is added last.
fn in_use(cx: &Context<'_>) -> Vec<FinalizedFeatureKey> {
    let mut levels: Vec<(&'static str, i16)> = cx.state.features.in_use().collect();
    levels.sort_by_key(|(name, _)| *name == METADATA_VERSION);
    let is_copied = |(name, _): &&(&str, i16)| *name != METADATA_VERSION;
    let copied = hash_map::of_map_copy(levels.iter().filter(is_copied).count());
    let buckets = hash_map::grown_from(copied, levels.len());
    hash_map::sort_in(&mut levels, buckets, |(name, _)| hash::of_str(name));
    levels.into_iter().map(finalized).collect()
}

fn finalized((name, level): (&'static str, i16)) -> FinalizedFeatureKey {
    FinalizedFeatureKey::default()
        .with_name(StrBytes::from_static_str(name))
        .with_min_version_level(level)
        .with_max_version_level(level)
}
