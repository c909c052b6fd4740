//! Keys that come over HTTP take the place of those before them.

use super::{Jwks, SourceId, Validator};
use crate::engine::context::ConnectionId;
use crate::engine::journal::Event;
use crate::engine::state::{State, StateTimer};
use crate::engine::time::Now;

impl State {
    /// Plans when each set is asked for again.
    pub(in crate::engine) fn plan_key_sets(&mut self, now: Now) {
        for (id, source) in self.sasl.key_sets.sources() {
            let due = now.plus(source.refresh);
            self.timers.schedule(StateTimer::KeySet(id), due.elapsed);
        }
    }

    /// It is time for a set.
    pub(in crate::engine) fn ask_for_keys(&mut self, now: Now, id: SourceId) {
        self.sasl.key_sets.ask(id);
        if let Some(source) = self.sasl.key_sets.get(id) {
            let due = now.plus(source.refresh);
            self.timers.schedule(StateTimer::KeySet(id), due.elapsed);
        }
    }

    /// A token names a key that is not there.
    pub(in crate::engine) fn miss_key(&mut self, now: Now, connection: ConnectionId, key: &str) {
        let listener = self.listeners.id_of(connection);
        if let Some(Validator::Secured(rules)) = self.sasl.validators.get(&listener)
            && let Some(id) = rules.set
        {
            self.sasl.key_sets.miss(id, key, now.wall);
        }
    }

    /// A set has come, or why it has not. Tokens are checked with the one before until there is another.
    pub(in crate::engine) fn key_set_came(&mut self, id: SourceId, came: Result<String, String>) {
        let Some(source) = self.sasl.key_sets.get(id) else {
            return;
        };
        let url = source.url.clone();
        let read = came.and_then(|text| Jwks::parse(&text).map_err(|why| why.to_string()));
        let keys = match read {
            Ok(keys) => keys,
            Err(why) => return self.outbox.change(|| Event::KeysNotFetched { url, why }),
        };
        self.sasl.key_sets.came(id, keys.ids());
        for validator in self.sasl.validators.values_mut() {
            if let Validator::Secured(rules) = validator
                && rules.set == Some(id)
            {
                rules.keys = keys.clone();
            }
        }
        let (keys, left_out) = keys.counts();
        self.outbox.change(|| Event::KeysFetched {
            url,
            keys,
            left_out,
        });
    }
}
