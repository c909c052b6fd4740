//! One request as rules see it: what it names, what it is without a part of that, and its answer
//! with errors in it.

mod rows;
mod sessions;
mod shared;

use std::collections::BTreeSet;

use bytes::Bytes;
use uuid::Uuid;

use super::entities::{
    self, Apply, Entities, ErrorField, Level, NamedRow, Names, Reading, RowKeys, Side, Tree, put,
};
use crate::engine::applied::Applied;
use crate::wire::api::Api;
use crate::wire::apis::Request;
use crate::wire::dynamic::{Misfit, Row, Shape, Value};
use crate::wire::error::ErrorCode;
use crate::wire::guard::GuardError;
use rows::{keyed, leads_to, order, remove};

/// Topics by their ids.
pub(crate) type Topics<'a> = &'a dyn Fn(Uuid) -> Option<String>;

/// A request, read.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) api: Api,
    pub(crate) version: i16,
    pub(crate) entities: &'static Entities,
    pub(crate) tree: &'static Tree,
    pub(crate) request: Value,
    /// What the request itself names.
    pub(crate) root: Names,
    /// What its rows name, of those that are still to be done.
    pub(crate) rows: Vec<NamedRow>,
    /// The same, before anything was taken out.
    asked: Vec<NamedRow>,
}

/// What is left of a request to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    All,
    Some,
    Nothing,
}

/// What fails, and how.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) place: &'static ErrorField,
    pub(crate) code: ErrorCode,
    pub(crate) failed: Vec<NamedRow>,
    /// The rule selects nothing.
    pub(crate) is_all: bool,
}

impl Case {
    /// Reads a request's body; nothing if the API is not one that rules know.
    pub(crate) fn read(api: Api, version: i16, body: &Bytes, topics: Topics<'_>) -> Option<Self> {
        let entities = entities::of(api)?;
        let tree = entities.tree(version)?;
        let shape = Shape::request(api.key(), version).ok()?;
        let request = shape.decode(body).ok()?;
        let mut case = Self {
            api,
            version,
            entities,
            tree,
            request,
            root: Names::default(),
            rows: Vec::new(),
            asked: Vec::new(),
        };
        let reading = case.reading(Side::Request, topics);
        let mut root = Names::default();
        for key in entities.fields {
            if let Some(value) = case.request.get(key.request) {
                reading.note(key.kind, value, &case.request, &mut root);
            }
        }
        case.rows = reading.rows(tree, &case.request, &root, usize::MAX);
        case.rows.extend(case.deletions(&root));
        case.asked = case.rows.clone();
        case.root = root;
        Some(case)
    }

    /// The users whose credentials an AlterUserScramCredentials deletes: a second list with rows in the answer.
    fn deletions(&self, root: &Names) -> Vec<NamedRow> {
        let deletions = self.request.get("Deletions");
        let named = |(index, deletion): (usize, &Value)| {
            let name = deletion.get("Name").cloned()?;
            Some(NamedRow {
                at: vec![index],
                names: root.clone(),
                keys: vec![vec![("User", name)]],
                open: false,
            })
        };
        let all = deletions.map_or(&[][..], Value::elements).iter();
        all.enumerate().filter_map(named).collect()
    }

    fn reading<'a>(&self, side: Side, topics: Topics<'a>) -> Reading<'a> {
        let key_type = self.request.get("KeyType").and_then(Value::as_int);
        let old_metadata = self.api == Api::Metadata && self.version == 0;
        let empty_is_all = old_metadata || self.api == Api::DescribeTopicPartitions;
        Reading {
            side,
            key_type: key_type.unwrap_or_default(),
            empty_is_all,
            topics,
        }
    }

    /// Takes rows out of the request, as deep as `place` says what fails. Says what is left to do.
    pub(crate) fn take_out(
        &mut self,
        place: &ErrorField,
        failed: &[NamedRow],
        topics: Topics<'_>,
    ) -> Rest {
        let depth = place.depth;
        // Rules do not tell users apart, so all of them are meant.
        if depth == 0 || self.api == Api::AlterUserScramCredentials {
            return Rest::Nothing;
        }
        if self.entities.apply == Apply::Whole {
            return Rest::All;
        }
        if failed.iter().any(|row| row.at.len() < depth) {
            return Rest::All;
        }
        let places: BTreeSet<Vec<usize>> = failed
            .iter()
            .filter_map(|row| row.at.get(..depth).map(<[usize]>::to_vec))
            .collect();
        let levels = self.tree.levels;
        if levels.iter().any(Level::goes_by_place) {
            // Its rows keep their places; nothing is changed by those that are done in vain.
            return if places.len() < self.rows.len() {
                Rest::All
            } else {
                Rest::Nothing
            };
        }
        for at in places.iter().rev() {
            remove(&mut self.request, levels, at);
        }
        let top = levels.first().map_or("", |level| level.asked_in().0);
        let is_empty = self
            .request
            .get(top)
            .is_some_and(|l| l.elements().is_empty());
        let reading = self.reading(Side::Request, topics);
        self.rows = reading.rows(self.tree, &self.request, &self.root, usize::MAX);
        match (is_empty, self.entities.apply) {
            (true, Apply::RestOrNone) if self.version > 0 => Rest::Some,
            (true, _) => Rest::Nothing,
            (false, _) => Rest::Some,
        }
    }

    /// How much of the request can have been done once a rule has had its way; nothing if it is done whole.
    pub(crate) fn most_applied(
        &self,
        place: &ErrorField,
        failed: &[NamedRow],
        (is_all, left): (bool, Rest),
    ) -> Option<Applied> {
        let by_rows = if is_all { Applied::No } else { Applied::Partly };
        match left {
            Rest::Nothing => Some(Applied::No),
            Rest::Some => Some(by_rows),
            // To its client, a read that answers an error has not been done.
            Rest::All if self.entities.apply == Apply::Whole => Some(by_rows),
            Rest::All if failed.iter().any(|row| row.at.len() < place.depth) => None,
            Rest::All => Some(by_rows),
        }
    }

    /// The request as it is now.
    pub(crate) fn reread(&self) -> Option<Request> {
        let shape = Shape::request(self.api.key(), self.version).ok()?;
        let body = shape.encode(&self.request).ok()?;
        Request::decode(self.api.key(), self.version, body)?.ok()
    }

    /// The answer in which nobody has set anything.
    pub(crate) fn initial_body(&self) -> Result<Bytes, Misfit> {
        let shape = Shape::response(self.api.key(), self.version).map_err(unserved)?;
        shape.encode(&shape.initial())
    }

    /// Writes an error into the answer, for what `failed` names and whatever else `selects` means.
    pub(crate) fn fail(
        &self,
        answer: &mut Value,
        failure: &Failure,
        selects: &dyn Fn(&Names) -> bool,
        topics: Topics<'_>,
    ) -> Result<(), Misfit> {
        let Failure { place, failed, .. } = failure;
        if self.api == Api::Fetch {
            self.join_topics(answer);
        }
        let shape = Shape::response(self.api.key(), self.version).map_err(unserved)?;
        if place.depth == 0 {
            let mut fresh = shape.initial();
            place.set_error(&mut fresh, failure.code, self.version, &self.request);
            *answer = fresh;
            if let Some((depth, until)) = place.rows
                && self.version <= until
            {
                let asked = self.asked.iter().filter_map(|row| row.keys.get(..depth));
                let wanted: Vec<_> = asked.map(<[_]>::to_vec).collect();
                let place = self.tree.places.iter().find(|place| place.depth == depth);
                self.put_rows(answer, (shape, depth, place), &wanted, failure.code, topics);
            }
            return Ok(());
        }
        let reading = self.reading(Side::Response, topics);
        let mut wanted: Vec<_> = reading
            .rows(self.tree, answer, &self.root, place.depth)
            .into_iter()
            .filter(|row| row.at.len() == place.depth && selects(&row.names))
            // Who acknowledges nothing of a partition hears nothing of that.
            .filter(|_| place.field != shared::OF_ACKNOWLEDGEMENTS)
            .map(|row| row.keys)
            .collect();
        let named = failed.iter().filter_map(|row| row.keys.get(..place.depth));
        wanted.extend(named.map(<[_]>::to_vec));
        if failure.is_all && self.api == Api::Fetch {
            // Its answer may name a topic several times; where all fail, Kafka's does not.
            put(answer, "Responses", Value::Array(Vec::new()));
        }
        let rows = (shape, place.depth, Some(*place));
        self.put_rows(answer, rows, &wanted, failure.code, topics);
        self.in_order(answer, place.depth);
        Ok(())
    }

    /// A Fetch names a topic twice whose partitions are there in part; one that fails names it once, as the request.
    fn join_topics(&self, answer: &mut Value) {
        let [topics, partitions, ..] = self.tree.levels else {
            return;
        };
        let Some(Value::Array(rows)) = answer.get_mut(topics.response) else {
            return;
        };
        for mut row in std::mem::take(rows) {
            let keys = row.as_struct().map(|row| self.keys_of(row, 0));
            let keys = keys.unwrap_or_default();
            let is_same = |known: &&mut Value| {
                let known = known.as_struct();
                known.is_some_and(|known| entities::is_row(known, &keys))
            };
            let known = rows.iter_mut().find(is_same);
            let known = known.and_then(|known| known.get_mut(partitions.response));
            match (known, row.get_mut(partitions.response)) {
                (Some(Value::Array(known)), Some(Value::Array(more))) => known.append(more),
                _ => rows.push(row),
            }
        }
    }

    /// Puts rows that are errors where an answer has those of these keys, or would have them.
    fn put_rows(
        &self,
        answer: &mut Value,
        (shape, depth, place): (Shape, usize, Option<&ErrorField>),
        wanted: &[Vec<RowKeys>],
        code: ErrorCode,
        topics: Topics<'_>,
    ) {
        let levels = self.tree.levels.get(..depth).unwrap_or_default();
        let path: Vec<_> = levels.iter().map(|level| level.response).collect();
        for wanted in wanted {
            let mut at = &mut *answer;
            for (depth, (level, keys)) in levels.iter().zip(wanted).enumerate() {
                let list = path.get(..=depth).unwrap_or_default().join(".");
                let fresh = || shape.element(&list).map(|row| keyed(row, keys, topics));
                let Some(Value::Array(rows)) = at.get_mut(level.response) else {
                    break;
                };
                let is_row = |row: &Value| {
                    row.as_struct()
                        .is_some_and(|row| entities::is_row(row, keys))
                };
                let below = depth.saturating_add(1);
                let leads = |row: &Value| is_row(row) && leads_to(row, levels, wanted, below);
                let found = rows.iter().position(leads);
                let found = found.or_else(|| rows.iter().position(is_row));
                let index = match entities::place_in(keys) {
                    Some(place) => place,
                    None => found.unwrap_or(rows.len()),
                };
                while rows.len() <= index {
                    let Some(fresh) = fresh() else { break };
                    rows.push(fresh);
                }
                let Some(row) = rows.get_mut(index) else {
                    break;
                };
                if depth.saturating_add(1) == levels.len() {
                    let named = row.as_struct().map(|row| self.keys_of(row, depth));
                    // That its acknowledgements fail takes no records from a partition.
                    let keeps = place.is_some_and(|at| at.field == shared::OF_ACKNOWLEDGEMENTS);
                    if !keeps && let Some(fresh) = fresh() {
                        *row = keyed(fresh, &named.unwrap_or_default(), topics);
                    }
                    if let Some(place) = place {
                        place.set_error(row, code, self.version, &self.request);
                    }
                }
                at = row;
            }
        }
    }

    /// The rows of an answer, of every level.
    pub(crate) fn answer_rows(&self, answer: &Value, topics: Topics<'_>) -> Vec<NamedRow> {
        let reading = self.reading(Side::Response, topics);
        let depths = 1..=self.tree.levels.len();
        depths
            .flat_map(|depth| reading.rows(self.tree, answer, &self.root, depth))
            .collect()
    }

    /// Where an answer of this version can say that `code` went wrong, at this depth or below.
    pub(crate) fn place(&self, code: ErrorCode, depth: usize) -> Option<&'static ErrorField> {
        let shape = Shape::response(self.api.key(), self.version).ok()?;
        let exists = |place: &&ErrorField| {
            place.depth >= depth
                && self
                    .tree
                    .row(shape, place.depth)
                    .is_some_and(|row| row.get(place.field).is_some())
        };
        let mut places = self.tree.places.iter().filter(exists);
        let allows = |place: &&ErrorField| place.allows(code);
        let found = places.clone().find(allows).or_else(|| places.next());
        // Where no error fits in, Kafka's answer to a request that fails is empty.
        found.or_else(|| {
            let mut all = self.tree.places.iter();
            all.find(|place| depth == 0 && place.depth == 0)
        })
    }

    /// How the answer's row names itself.
    fn keys_of(&self, row: &Row, depth: usize) -> RowKeys {
        let keys = self.tree.levels.get(depth).map_or(&[][..], |l| l.keys);
        let value = |key: &entities::Key| Some((key.response, row.get(key.response)?.clone()));
        keys.iter().filter_map(value).collect()
    }

    /// Puts the answer's rows into the order of the request's.
    fn in_order(&self, answer: &mut Value, depth: usize) {
        let levels = self.tree.levels.get(..depth).unwrap_or_default();
        let asked: Vec<_> = self.asked.iter().map(|row| row.keys.as_slice()).collect();
        order(answer, levels, &asked);
    }
}

#[expect(clippy::needless_pass_by_value, reason = "maps an error")]
pub(super) fn unserved(error: GuardError) -> Misfit {
    Misfit {
        path: String::new(),
        why: error.to_string(),
    }
}
