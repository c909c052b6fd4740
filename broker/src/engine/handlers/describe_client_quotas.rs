//! DescribeClientQuotas (key 48), v0–v1 (KIP-546).
//!
//! Oracle: components are looked at one after the other, the first that is wrong is answered; only then
//! whether they go together. A strict filter without components means nothing.

use crate::engine::api_error::ApiError;
use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, ReadContext};
use crate::engine::quota::{Entity, Filter};
use crate::wire::messages::describe_client_quotas_response::{EntityData, EntryData, ValueData};
use crate::wire::messages::{
    DescribeClientQuotasRequest, DescribeClientQuotasResponse, StrBytes, str_bytes,
};

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: DescribeClientQuotasRequest,
) -> Answer<DescribeClientQuotasResponse> {
    let response = DescribeClientQuotasResponse::default();
    let may_see = cx.access().cluster(Operation::DescribeConfigs);
    let asked = may_see
        .map_err(ApiError::from)
        .and_then(|()| filter(request));
    Answer::Reply(match asked {
        Ok(filter) => {
            let entries = cx.state.quotas.describe(&filter);
            let entries = entries.into_iter().map(|(entity, values)| {
                let values = values.into_iter().map(|(key, value)| {
                    let key = str_bytes(key);
                    ValueData::default().with_key(key).with_value(value)
                });
                EntryData::default()
                    .with_entity(names(entity))
                    .with_values(values.collect())
            });
            response
                .with_error_message(Some(StrBytes::default()))
                .with_entries(Some(entries.collect()))
        }
        Err(error) => response
            .with_error_code(error.code.code())
            .with_error_message(error.wire_message())
            .with_entries(None),
    })
}

fn filter(request: DescribeClientQuotasRequest) -> Result<Filter, ApiError> {
    let mut filter = Filter::new(request.strict);
    for component in request.components {
        let name = component._match.map(|name| name.to_string());
        filter.add(
            component.entity_type.to_string(),
            component.match_type,
            name,
        )?;
    }
    filter.check()?;
    Ok(filter)
}

fn names(entity: &Entity) -> Vec<EntityData> {
    let names = entity.names().into_iter().map(|(kind, name)| {
        EntityData::default()
            .with_entity_type(str_bytes(kind))
            .with_entity_name(name.map(str_bytes))
    });
    names.collect()
}
