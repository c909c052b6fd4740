//! Delegation tokens (KIP-48, KIP-373): who can log in as whom, and until when.
//!
//! Oracle: a token's secret is the HMAC of its id under `delegation.token.secret.key`, and clients log in by SCRAM with the
//! id for a name and that secret for a password. A token that has expired is there until the next look for such; who logs
//! in with it has a session that is over at once.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha512;
use subtle::ConstantTimeEq as _;

use super::time::Now;
use crate::wire::error::ErrorCode;
use crate::wire::units::WallMillis;

/// All tokens of a cluster.
#[derive(Default)]
pub(crate) struct DelegationTokens {
    /// Without one there are no tokens.
    secret_key: Option<Vec<u8>>,
    by_id: BTreeMap<String, DelegationToken>,
    /// Ids stand for HMACs: a recording is run again, which has no HMACs.
    hmacs_are_ids: bool,
}

/// One token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DelegationToken {
    pub(crate) id: String,
    /// As whom it lets log in, such as `User:alice`.
    pub(crate) owner: String,
    /// Who asked for it.
    pub(crate) requester: String,
    pub(crate) renewers: Vec<String>,
    pub(crate) issued: WallMillis,
    /// Until when it is good, unless it is renewed.
    pub(crate) expires: WallMillis,
    /// Until when it can be renewed.
    pub(crate) ends: WallMillis,
}

/// How long tokens are good for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lifetimes {
    /// `delegation.token.max.lifetime.ms`
    pub(crate) longest: Duration,
    /// `delegation.token.expiry.time.ms`
    pub(crate) renewal: Duration,
}

/// Nobody sees the key.
impl fmt::Debug for DelegationTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DelegationTokens")
            .field("by_id", &self.by_id)
            .finish_non_exhaustive()
    }
}

impl DelegationToken {
    /// Whether a principal owns it, asked for it, or may renew it.
    pub(crate) fn is_of(&self, principal: &str) -> bool {
        self.owner == principal || self.requester == principal || self.may_renew(principal)
    }

    fn may_renew(&self, principal: &str) -> bool {
        self.owner == principal || self.renewers.iter().any(|renewer| renewer == principal)
    }

    fn is_over(&self, now: Now) -> bool {
        self.ends < now.wall || self.expires < now.wall
    }

    /// The owner's name, by which a client is known that logs in with it.
    pub(crate) fn owner_name(&self) -> &str {
        let owner = self.owner.split_once(':');
        owner.map_or(self.owner.as_str(), |(_, name)| name)
    }
}

/// Later than a moment by so many milliseconds.
fn later(now: Now, millis: i64) -> WallMillis {
    WallMillis(now.wall.0.saturating_add(millis))
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// What was asked for, if it is more than nothing, but no more than there is.
fn at_most(most: Duration, asked_ms: i64) -> i64 {
    let most = millis(most);
    if asked_ms > 0 {
        asked_ms.min(most)
    } else {
        most
    }
}

impl DelegationTokens {
    /// With `delegation.token.secret.key`; an empty one is none.
    pub(crate) fn new(secret_key: Option<&str>) -> Self {
        let secret_key = secret_key.filter(|key| !key.is_empty());
        Self {
            secret_key: secret_key.map(|key| key.as_bytes().to_vec()),
            ..Self::default()
        }
    }

    pub(crate) const fn is_enabled(&self) -> bool {
        self.secret_key.is_some()
    }

    /// Has what comes in the place of HMACs be ids.
    pub(crate) const fn believe_ids(&mut self) {
        self.hmacs_are_ids = true;
    }

    /// Has HMACs be HMACs again.
    pub(crate) const fn read_hmacs(&mut self) {
        self.hmacs_are_ids = false;
    }

    /// A token's secret.
    pub(crate) fn hmac(&self, id: &str) -> Vec<u8> {
        let key = self.secret_key.as_deref().unwrap_or_default();
        let mac = Hmac::<Sha512>::new_from_slice(key).map(|mut mac| {
            mac.update(id.as_bytes());
            mac.finalize().into_bytes().to_vec()
        });
        // A key of any length will do.
        mac.unwrap_or_default()
    }

    /// The secret as a password.
    pub(crate) fn password(&self, id: &str) -> String {
        BASE64_STANDARD.encode(self.hmac(id))
    }

    pub(crate) fn get(&self, id: &str) -> Option<&DelegationToken> {
        self.by_id.get(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &DelegationToken> {
        self.by_id.values()
    }

    /// The id of the token that has this secret.
    pub(crate) fn id_of(&self, hmac: &[u8]) -> Option<&str> {
        let mut ids = self.by_id.keys().map(String::as_str);
        if self.hmacs_are_ids {
            return ids.find(|id| id.as_bytes() == hmac);
        }
        ids.find(|id| bool::from(self.hmac(id).ct_eq(hmac)))
    }

    /// Makes a token. `asked_ms` is how long it is to be renewable.
    pub(crate) fn create(
        &mut self,
        now: Now,
        id: String,
        (owner, requester, renewers): (String, String, Vec<String>),
        asked_ms: i64,
        lifetimes: Lifetimes,
    ) -> &DelegationToken {
        let ends = later(now, at_most(lifetimes.longest, asked_ms));
        let token = DelegationToken {
            id: id.clone(),
            owner,
            requester,
            renewers,
            issued: now.wall,
            expires: ends.min(later(now, millis(lifetimes.renewal))),
            ends,
        };
        let entry = self.by_id.entry(id);
        entry
            .and_modify(|known| *known = token.clone())
            .or_insert(token)
    }

    fn found(&self, hmac: &[u8]) -> Result<String, ErrorCode> {
        if !self.is_enabled() {
            return Err(ErrorCode::DelegationTokenAuthDisabled);
        }
        let id = self.id_of(hmac).map(str::to_owned);
        id.ok_or(ErrorCode::DelegationTokenNotFound)
    }

    /// Has a token be good for longer, and says until when.
    ///
    /// # Errors
    /// There is no such token, it is over, or the principal may not renew it.
    pub(crate) fn renew(
        &mut self,
        now: Now,
        (principal, hmac): (&str, &[u8]),
        asked_ms: i64,
        lifetimes: Lifetimes,
    ) -> Result<WallMillis, ErrorCode> {
        let id = self.found(hmac)?;
        let token = self.by_id.get_mut(&id);
        let token = token.ok_or(ErrorCode::DelegationTokenNotFound)?;
        if token.is_over(now) {
            return Err(ErrorCode::DelegationTokenExpired);
        }
        if !token.may_renew(principal) {
            return Err(ErrorCode::DelegationTokenOwnerMismatch);
        }
        let renewed = later(now, at_most(lifetimes.renewal, asked_ms));
        token.expires = renewed.min(token.ends);
        Ok(token.expires)
    }

    /// Has a token be good for another time, and says until when; a negative time ends it at once.
    ///
    /// # Errors
    /// There is no such token, it is over, or the principal may not renew it.
    pub(crate) fn expire(
        &mut self,
        now: Now,
        (principal, hmac): (&str, &[u8]),
        time_ms: i64,
    ) -> Result<WallMillis, ErrorCode> {
        let id = self.found(hmac)?;
        let token = self.by_id.get_mut(&id);
        let token = token.ok_or(ErrorCode::DelegationTokenNotFound)?;
        if !token.may_renew(principal) {
            return Err(ErrorCode::DelegationTokenOwnerMismatch);
        }
        if time_ms < 0 {
            self.by_id.remove(&id);
            return Ok(now.wall);
        }
        if token.is_over(now) {
            return Err(ErrorCode::DelegationTokenExpired);
        }
        token.expires = later(now, time_ms).min(token.ends);
        Ok(token.expires)
    }

    /// Forgets what is over.
    pub(crate) fn sweep(&mut self, now: Now) {
        self.by_id.retain(|_, token| !token.is_over(now));
    }

    /// All of them, to be kept: what has their secrets is the key, which is a setting.
    pub(crate) fn keep(&self) -> Vec<DelegationToken> {
        self.by_id.values().cloned().collect()
    }

    /// Has these tokens and no others; none without a key.
    pub(crate) fn set(&mut self, kept: &[DelegationToken]) {
        let kept = kept.iter().filter(|_| self.secret_key.is_some());
        let kept = kept.map(|token| (token.id.clone(), token.clone()));
        self.by_id = kept.collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIMES: Lifetimes = Lifetimes {
        longest: Duration::from_millis(1000),
        renewal: Duration::from_millis(400),
    };

    fn at(millis: i64) -> Now {
        Now {
            elapsed: Duration::from_millis(millis.unsigned_abs()),
            wall: WallMillis(millis),
        }
    }

    fn with_one(asked_ms: i64) -> (DelegationTokens, Vec<u8>) {
        let mut tokens = DelegationTokens::new(Some("key"));
        let who = ("User:alice", "User:alice", vec!["User:bob".to_owned()]);
        let who = (who.0.to_owned(), who.1.to_owned(), who.2);
        tokens.create(at(0), "id".to_owned(), who, asked_ms, LIFETIMES);
        let hmac = tokens.hmac("id");
        (tokens, hmac)
    }

    #[test]
    fn a_token_lives_no_longer_than_it_may() {
        for (asked, expires, ends) in [
            (0, 400, 1000),
            (-1, 400, 1000),
            (300, 300, 300),
            (5000, 400, 1000),
        ] {
            let (tokens, _) = with_one(asked);
            let token = tokens.get("id").unwrap();
            assert_eq!((token.expires.0, token.ends.0), (expires, ends), "{asked}");
        }
    }

    #[test]
    fn owners_and_renewers_renew_until_the_end() {
        let (mut tokens, hmac) = with_one(0);
        let renew = |tokens: &mut DelegationTokens, now, who, asked| {
            tokens.renew(at(now), (who, &hmac), asked, LIFETIMES)
        };
        assert_eq!(renew(&mut tokens, 100, "User:bob", 0), Ok(WallMillis(500)));
        assert_eq!(
            renew(&mut tokens, 100, "User:alice", 50),
            Ok(WallMillis(150))
        );
        let other = renew(&mut tokens, 100, "User:carol", 50);
        assert_eq!(other, Err(ErrorCode::DelegationTokenOwnerMismatch));
        assert_eq!(
            renew(&mut tokens, 150, "User:bob", 5000),
            Ok(WallMillis(550))
        );
        assert_eq!(renew(&mut tokens, 550, "User:bob", 0), Ok(WallMillis(950)));
        assert_eq!(renew(&mut tokens, 900, "User:bob", 0), Ok(WallMillis(1000)));
        let over = renew(&mut tokens, 1001, "User:bob", 0);
        assert_eq!(over, Err(ErrorCode::DelegationTokenExpired));
        tokens.sweep(at(1001));
        let gone = renew(&mut tokens, 1001, "User:bob", 0);
        assert_eq!(gone, Err(ErrorCode::DelegationTokenNotFound));
    }

    #[test]
    fn a_token_ends_when_it_is_told_to() {
        let (mut tokens, hmac) = with_one(0);
        let expire = |tokens: &mut DelegationTokens, now, who, time| {
            tokens.expire(at(now), (who, &hmac), time)
        };
        assert_eq!(expire(&mut tokens, 10, "User:bob", 20), Ok(WallMillis(30)));
        let over = expire(&mut tokens, 31, "User:bob", 20);
        assert_eq!(over, Err(ErrorCode::DelegationTokenExpired));
        assert_eq!(expire(&mut tokens, 31, "User:bob", -1), Ok(WallMillis(31)));
        let gone = expire(&mut tokens, 31, "User:bob", -1);
        assert_eq!(gone, Err(ErrorCode::DelegationTokenNotFound));
    }

    #[test]
    fn without_a_key_there_are_no_tokens() {
        let mut tokens = DelegationTokens::new(Some(""));
        let renewed = tokens.renew(at(0), ("User:alice", b"x"), 0, LIFETIMES);
        assert_eq!(renewed, Err(ErrorCode::DelegationTokenAuthDisabled));
    }

    #[test]
    fn the_key_shows_nowhere() {
        let tokens = DelegationTokens::new(Some("planted-key"));
        assert!(!format!("{tokens:?}").contains("planted-key"));
    }
}
