//! Clients that ask which metrics to push (KIP-714), though nothing here subscribes to any.

use std::collections::HashMap;
use std::time::Duration;

use uuid::Uuid;

use super::time::Now;
use crate::wire::error::ErrorCode;

/// How long a client waits between pushes, and between questions.
pub(crate) const PUSH_INTERVAL: Duration = Duration::from_secs(300);

/// Largest push (`telemetry.max.bytes`).
pub(crate) const BYTES_MAX: usize = 1_048_576;

/// Most clients remembered; the one silent for the longest makes room.
const CLIENTS_MAX: usize = 16_384;

/// The checksum of no subscriptions at all.
const NO_SUBSCRIPTIONS: u64 = 0xD4C7_5BDE;

/// What is known of the clients, by the id that they were given.
#[derive(Debug, Default)]
pub(crate) struct Telemetry(HashMap<Uuid, Client>);

#[derive(Debug, Default)]
struct Client {
    asked: Option<Duration>,
    pushed: Option<Duration>,
    terminating: bool,
    /// It was told something that only a new question can mend.
    must_ask: bool,
}

impl Telemetry {
    /// Notes that a client asks for its subscription, unless it asks too soon.
    pub(crate) fn ask(&mut self, id: Uuid, now: Now) -> Result<(), ErrorCode> {
        let client = self.client(id);
        let may_at_once = std::mem::take(&mut client.must_ask);
        if !is_recent(client.asked.max(client.pushed), now) {
            client.asked = Some(now.elapsed);
        } else if !may_at_once {
            return Err(ErrorCode::ThrottlingQuotaExceeded);
        }
        Ok(())
    }

    /// Notes that a client pushes, unless it does so too soon or to another's subscription. A
    /// client that says goodbye need not wait.
    pub(crate) fn push(
        &mut self,
        id: Uuid,
        subscription: i32,
        terminating: bool,
        now: Now,
    ) -> Result<(), ErrorCode> {
        let client = self.client(id);
        client.must_ask = false;
        if client.terminating {
            return Err(ErrorCode::InvalidRequest);
        }
        let has_asked_since = client.asked > client.pushed;
        if !has_asked_since && is_recent(client.pushed, now) && !terminating {
            return Err(ErrorCode::ThrottlingQuotaExceeded);
        }
        client.pushed = Some(now.elapsed);
        client.terminating = terminating;
        if subscription != subscription_of(id) {
            client.must_ask = true;
            return Err(ErrorCode::UnknownSubscriptionId);
        }
        Ok(())
    }

    /// Lets a client ask again at once.
    pub(crate) fn must_ask(&mut self, id: Uuid) {
        self.client(id).must_ask = true;
    }

    fn client(&mut self, id: Uuid) -> &mut Client {
        if self.0.len() >= CLIENTS_MAX && !self.0.contains_key(&id) {
            let silent = self
                .0
                .iter()
                .min_by_key(|(id, client)| (client.asked.max(client.pushed), **id));
            if let Some(silent) = silent.map(|(id, _)| *id) {
                self.0.remove(&silent);
            }
        }
        self.0.entry(id).or_default()
    }
}

fn is_recent(last: Option<Duration>, now: Now) -> bool {
    last.is_some_and(|last| now.elapsed.saturating_sub(last) < PUSH_INTERVAL)
}

/// A client's subscription, as Kafka derives it: the hash of its id over that of what is subscribed.
pub(crate) fn subscription_of(id: Uuid) -> i32 {
    let (high, low) = id.as_u64_pair();
    let folded = high ^ low;
    let hash = (folded >> 32) ^ (folded & u64::from(u32::MAX)) ^ NO_SUBSCRIPTIONS;
    u32::try_from(hash).unwrap_or_default().cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::units::WallMillis;
    use uuid::uuid;

    #[test]
    fn clients_must_wait_unless_they_were_told_to_ask_again() {
        let now = Now {
            elapsed: Duration::from_secs(1),
            wall: WallMillis(0),
        };
        let throttled = Err(ErrorCode::ThrottlingQuotaExceeded);
        let mut telemetry = Telemetry::default();
        let id = Uuid::from_u128(7);
        let own = subscription_of(id);
        assert_eq!(telemetry.ask(id, now), Ok(()));
        assert_eq!(telemetry.ask(id, now), throttled);
        assert_eq!(telemetry.push(id, own, false, now), Ok(()));
        assert_eq!(telemetry.push(id, own, false, now), throttled);
        let later = now.plus(PUSH_INTERVAL);
        let unknown = Err(ErrorCode::UnknownSubscriptionId);
        assert_eq!(telemetry.push(id, own + 1, false, later), unknown);
        assert_eq!(telemetry.ask(id, later), Ok(()));
        assert_eq!(telemetry.push(id, own, false, later), throttled);
        assert_eq!(telemetry.push(id, own, true, later), Ok(()));
        let gone = Err(ErrorCode::InvalidRequest);
        assert_eq!(telemetry.push(id, own, true, later), gone);
    }

    #[test]
    fn subscriptions_are_those_of_kafka() {
        for (id, expected) in [
            (
                uuid!("0ab88578-ba69-44a9-8baf-01387613cddb"),
                -1_716_889_876,
            ),
            (uuid!("00000000-0000-0000-0000-000000000001"), -725_132_321),
            (uuid!("00000000-0000-0000-0000-000000000002"), -725_132_324),
        ] {
            assert_eq!(subscription_of(id), expected, "{id}");
        }
    }
}
