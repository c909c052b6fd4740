//! Tokens that the cluster gives out.

use std::time::Duration;

use super::{Builder, OauthWanted};

/// For how long a token is good unless something else is said.
const LIFETIME: Duration = Duration::from_secs(3600);

impl Builder {
    /// Has clients log in by OAUTHBEARER with tokens that the cluster itself gives out: the control port has a token
    /// endpoint, `/oauth/token`, at which [users](Builder::user) are clients, and the keys, `/oauth/jwks`. Listeners check
    /// tokens as Kafka does, by the settings `sasl.oauthbearer.…`; the issuer is `fauxka`, and any audience will do unless
    /// `sasl.oauthbearer.expected.audience` says more.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().oauth().user("alice", "secret").start_blocking()?;
    /// let token = broker.token("alice", "secret")?;
    /// assert_eq!(token.split('.').count(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn oauth(self) -> Self {
        let lifetime = LIFETIME;
        self.oauth_lifetime(lifetime)
    }

    /// For how long tokens are good that the cluster gives out, on its clock: an hour by default. Turns
    /// [`Builder::oauth`] on.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let broker = fauxka::Broker::builder().oauth_lifetime(Duration::from_secs(60)).start_blocking()?;
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn oauth_lifetime(mut self, lifetime: Duration) -> Self {
        let trusted = self.oauth.take().map(|wanted| wanted.trusted);
        self.oauth = Some(OauthWanted {
            lifetime,
            trusted: trusted.unwrap_or_default(),
        });
        self
    }

    /// Takes JWTs that somebody else has signed in exchange for tokens of the cluster's own: by the grants of RFC 7523 and
    /// RFC 8693. Give the set of their keys (a JWKS) as JSON. Turns [`Builder::oauth`] on.
    ///
    /// ```
    /// let keys = r#"{"keys":[]}"#;
    /// let broker = fauxka::Broker::builder().oauth_trust(keys).start_blocking()?;
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    pub fn oauth_trust(mut self, jwks: impl Into<String>) -> Self {
        let wanted = self.oauth.get_or_insert_with(|| OauthWanted {
            lifetime: LIFETIME,
            trusted: Vec::new(),
        });
        wanted.trusted.push(jwks.into());
        self
    }
}
