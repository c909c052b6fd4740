//! AlterClientQuotas (key 49), v0–v1 (KIP-546).
//!
//! Oracle: an entity that is wrong leaves the others as they are meant to be. One that is named twice is
//! refused, although what was asked for first is done; with a key twice it is refused in the same words.

use crate::engine::api_error::ApiError;
use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::quota::{Alteration, Entity};
use crate::wire::messages::alter_client_quotas_request::{EntryData as RequestEntry, OpData};
use crate::wire::messages::alter_client_quotas_response::{EntityData, EntryData};
use crate::wire::messages::{AlterClientQuotasRequest, AlterClientQuotasResponse, str_bytes};

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: AlterClientQuotasRequest,
) -> Answer<AlterClientQuotasResponse> {
    let alterations: Vec<_> = request.entries.into_iter().map(alteration).collect();
    let entities = alterations.iter().map(|asked| asked.entity.clone());
    let entities: Vec<_> = entities.collect();
    if let Err(code) = cx.access().cluster(Operation::AlterConfigs) {
        let error = ApiError::with_text(code);
        let refused = entities
            .iter()
            .map(|entity| entry(entity, Err(error.clone())));
        let response = AlterClientQuotasResponse::default();
        return Answer::Reply(response.with_entries(refused.collect()));
    }
    let results = cx.state.quotas.alter(alterations, request.validate_only);
    let results = results.unwrap_or_else(|error| {
        let all = entities.into_iter();
        all.map(|entity| (entity, Err(error.clone()))).collect()
    });
    let entries = results
        .into_iter()
        .map(|(entity, result)| entry(&entity, result));
    Answer::Reply(AlterClientQuotasResponse::default().with_entries(entries.collect()))
}

fn alteration(asked: RequestEntry) -> Alteration {
    let names = asked.entity.into_iter().map(|row| {
        let name = row.entity_name.map(|name| name.to_string());
        (row.entity_type.to_string(), name)
    });
    let op = |op: OpData| (op.key.to_string(), (!op.remove).then_some(op.value));
    Alteration {
        entity: Entity::new(names),
        ops: asked.ops.into_iter().map(op).collect(),
    }
}

fn entry(entity: &Entity, result: Result<(), ApiError>) -> EntryData {
    let names = entity.names().into_iter().map(|(kind, name)| {
        EntityData::default()
            .with_entity_type(str_bytes(kind))
            .with_entity_name(name.map(str_bytes))
    });
    let entry = EntryData::default().with_entity(names.collect());
    match result {
        Ok(()) => entry.with_error_message(None),
        Err(error) => entry
            .with_error_code(error.code.code())
            .with_error_message(error.wire_message()),
    }
}
