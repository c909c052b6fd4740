//! Answers of any API that say that all of the request went wrong.

use bytes::Bytes;

use super::case::{Case, Failure};
use super::entities::{Level, put};
use crate::engine::cluster::Cluster;
use crate::engine::context::{Call, Effect};
use crate::wire::api::Api;
use crate::wire::dynamic::{Misfit, Shape, Value};
use crate::wire::error::ErrorCode;

/// The answer to a request of which nothing is done; nothing if there is none, as to a Produce with
/// acks=0.
pub(in crate::engine) fn error_answer(
    cluster: &Cluster,
    (api, call): (Api, &Call),
    code: ErrorCode,
    why: &str,
) -> Option<Effect> {
    let topics = |id| cluster.topic_name(id);
    let case = Case::read(api, call.version, &call.body, &topics)?;
    let wants_none = api == Api::Produce && case.request.get("Acks") == Some(&Value::Int(0));
    if wants_none {
        return None;
    }
    let body = case.error_body(code, why, &topics).ok()?;
    let connection = call.connection;
    Some(Effect::Encoded { connection, body })
}

impl Case {
    fn error_body(
        &self,
        code: ErrorCode,
        why: &str,
        topics: super::case::Topics<'_>,
    ) -> Result<Bytes, Misfit> {
        let shape = Shape::response(self.api.key(), self.version).map_err(super::case::unserved)?;
        let mut answer = shape.initial();
        if let Some(place) = self.place(code, 0) {
            let failure = Failure {
                place,
                code,
                failed: self.rows.clone(),
                is_all: true,
            };
            self.fail(&mut answer, &failure, &|_| false, topics)?;
        }
        explain(&mut answer, self.tree.levels, why);
        self.forget_names(&mut answer);
        shape.encode(&answer)
    }

    /// Kafka leaves out who is meant here.
    fn forget_names(&self, answer: &mut Value) {
        let empty = || Value::Text(String::new());
        if self.api == Api::JoinGroup {
            put(answer, "MemberId", empty());
        }
        if self.api == Api::DescribeUserScramCredentials
            && let Some(Value::Array(rows)) = answer.get_mut("Results")
        {
            for row in rows {
                put(row, "User", empty());
            }
        }
    }
}

/// Says why, where Kafka does not give the error's own words.
fn explain(row: &mut Value, levels: &[Level], why: &str) {
    if matches!(row.get("ErrorMessage"), Some(Value::Null)) {
        put(row, "ErrorMessage", Value::Text(why.to_owned()));
    }
    let Some((level, below)) = levels.split_first() else {
        return;
    };
    if let Some(Value::Array(rows)) = row.get_mut(level.response) {
        for row in rows {
            explain(row, below, why);
        }
    }
}
