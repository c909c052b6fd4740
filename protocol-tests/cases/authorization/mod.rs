//! What a client is denied, API by API, and what each permission then lets it do: `StandardAuthorizer` as `KafkaApis` and
//! `ControllerApis` ask it.
//!
//! Each case is a client of its own, which is denied at first; then it is allowed one thing after the other, and asks again
//! each time. It may be allowed to use the topic `t`, the group `g` and the transactional id `x`, and never the topic `u`.

mod acls;
mod admin;
mod data;
mod groups;
mod listings;
mod modern;
mod patterns;
mod stage;
mod tokens;

use anyhow::Result;

use crate::case::Area;
use crate::context::Context;
use crate::profile::Profile;
use stage::{Grant, Row, Stage};

pub(super) fn area() -> Area {
    let rows = [data::ROWS, groups::ROWS, modern::ROWS, admin::ROWS];
    let area = Area::new("authorization").on(Profile::Authorized);
    let area = rows.into_iter().flatten().fold(area, |area, row| {
        (row.versions.0..=row.versions.1).fold(area, |area, version| {
            let name = format!("{}_v{version}", row.name);
            area.with(&name, (*row, version), denied_and_allowed)
        })
    });
    let area = modern::add(patterns::add(acls::add(area)));
    tokens::add(listings::add(area))
}

/// Asks without any permission, and again after each that is given.
fn denied_and_allowed(cx: &mut Context, (row, version): (Row, i16)) -> Result<()> {
    let stage = Stage::set(cx)?;
    let body = (row.body)(&stage, version);
    cx.call_on(stage.client, row.api, version, body.clone())?;
    for grant in row.grants {
        stage.allow(cx, *grant)?;
        cx.call_on(stage.client, row.api, version, body.clone())?;
    }
    Ok(())
}
