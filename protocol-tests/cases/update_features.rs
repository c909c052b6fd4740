//! UpdateFeatures (key 57), v0–v2. What would really change the cluster is only validated.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::Context;

/// Name of the case, lowest version, feature, level, upgrade type (1 upgrade, 2 safe and 3 unsafe downgrade),
/// whether the request only validates.
type Update = (&'static str, i16, &'static str, i32, i8, bool);

const UPDATES: &[Update] = &[
    ("unknown_feature", 0, "no.such.feature", 1, 1, false),
    ("level_too_high", 0, "group.version", 99, 1, false),
    ("same_level", 0, "group.version", 1, 1, false),
    ("downgrade_not_allowed", 0, "group.version", 0, 1, false),
    ("negative_level", 0, "group.version", -1, 1, false),
    ("downgrade", 1, "group.version", 0, 2, true),
    ("unsafe_downgrade", 1, "group.version", 0, 3, true),
    (
        "downgrade_to_the_same_level",
        1,
        "group.version",
        1,
        3,
        true,
    ),
    ("unknown_upgrade_type", 1, "group.version", 1, 9, true),
    ("upgrade_type_zero", 1, "group.version", 1, 0, true),
    (
        "metadata_version_too_high",
        1,
        "metadata.version",
        99,
        1,
        true,
    ),
    (
        "metadata_version_too_low",
        1,
        "metadata.version",
        1,
        3,
        true,
    ),
    ("empty_name", 1, "", 1, 1, true),
];

pub(super) fn area() -> Area {
    let versions = |row: &'static Update| (row.1..=2).map(move |version| (row, version));
    UPDATES
        .iter()
        .flat_map(versions)
        .fold(Area::new("update_features"), |area, input| {
            area.with(&format!("{}_v{}", input.0.0, input.1), input, one)
        })
        .versions("no_updates", 0..=2, |cx, version| {
            update(cx, version, json!([]), false)
        })
        .cases_at(1..=2, cases![feature_twice, one_good_one_bad])
}

fn update(cx: &mut Context, version: i16, updates: Value, validate_only: bool) -> Result<()> {
    let body =
        json!({"timeoutMs": 10000, "featureUpdates": updates, "validateOnly": validate_only});
    cx.call("UpdateFeatures", version, body)?;
    Ok(())
}

fn one(cx: &mut Context, (row, version): (&'static Update, i16)) -> Result<()> {
    let (_, _, feature, level, kind, validate_only) = *row;
    let row = json!({"feature": feature, "maxVersionLevel": level, "upgradeType": kind});
    update(cx, version, json!([row]), validate_only)
}

fn feature_twice(cx: &mut Context, version: i16) -> Result<()> {
    let twice = json!([
        {"feature": "group.version", "maxVersionLevel": 1},
        {"feature": "group.version", "maxVersionLevel": 0, "upgradeType": 2},
    ]);
    update(cx, version, twice, true)
}

fn one_good_one_bad(cx: &mut Context, version: i16) -> Result<()> {
    let both = json!([
        {"feature": "group.version", "maxVersionLevel": 1},
        {"feature": "no.such.feature", "maxVersionLevel": 1},
    ]);
    update(cx, version, both, true)
}
