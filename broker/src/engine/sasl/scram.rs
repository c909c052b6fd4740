//! The broker's side of SCRAM (RFC 5802), as Kafka reads and writes its messages: without channel
//! binding, and with what it does not know of a message left out of what is signed.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use subtle::ConstantTimeEq as _;

use super::known::Known;
use super::messages::{ClientFinal, ClientFirst};
use super::outcome::{Failed, OTHER_AUTHORIZATION_ID, Turn};
use super::users::ScramCredential;
use crate::engine::delegation::DelegationTokens;
use crate::engine::mechanism::Scram;
use crate::wire::units::WallMillis;

/// Kafka itself says less, and to nobody but its own log.
pub(super) const NONCE_TWICE: &str = "Invalid client nonce in the final client message: the client's own nonce is in it twice, as \
    librdkafka sends it before 2.6.1; Kafka refuses that since CVE-2024-56128";

/// The broker's side of one exchange.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) hash: Scram,
    /// What was said so far, once the client has named itself.
    opened: Option<Opened>,
}

#[derive(Debug)]
struct Opened {
    login: Login,
    credential: Arc<ScramCredential>,
    nonce: String,
    /// Both sides' first messages, as they are signed.
    signed: String,
}

/// As whom a client logs in.
#[derive(Debug)]
struct Login {
    name: String,
    /// Until when its credentials are good.
    expires: Option<WallMillis>,
    by_token: bool,
}

impl Server {
    pub(super) const fn new(hash: Scram) -> Self {
        Self { hash, opened: None }
    }

    /// As whom the client logs in, once it has said so.
    pub(super) fn name(&self) -> Option<&str> {
        let opened = self.opened.as_ref();
        opened.map(|opened| opened.login.name.as_str())
    }

    pub(super) fn take(
        &mut self,
        token: &[u8],
        known: Known<'_>,
        draw: impl FnMut() -> String,
    ) -> Result<Turn, Failed> {
        match self.opened.take() {
            None => {
                let first = ClientFirst::parse(token)
                    .ok_or_else(|| Failed::hidden("Invalid SCRAM client first message format"))?;
                let (challenge, opened) = self.open(&first, known, draw)?;
                self.opened = Some(opened);
                Ok(Turn::Challenge(challenge.into_bytes()))
            }
            Some(opened) => self.close(token, opened),
        }
    }

    fn open(
        &self,
        first: &ClientFirst,
        known: Known<'_>,
        mut draw: impl FnMut() -> String,
    ) -> Result<(String, Opened), Failed> {
        let nonce = draw();
        let (login, credential) = if first.is_by_token() {
            self.by_token(&first.name, known.tokens, draw())?
        } else {
            let login = Login {
                name: first.name.clone(),
                expires: None,
                by_token: false,
            };
            (
                login,
                known.users.credential(self.hash, &first.name).cloned(),
            )
        };
        let Some(credential) = credential else {
            return Err(Failed::hidden(
                "Authentication failed: Invalid user credentials",
            ));
        };
        if first
            .acts_as
            .as_ref()
            .is_some_and(|other| *other != first.name)
        {
            return Err(Failed::said(OTHER_AUTHORIZATION_ID));
        }
        let nonce = format!("{}{nonce}", first.nonce);
        let salt = BASE64_STANDARD.encode(&credential.salt);
        let challenge = format!("r={nonce},s={salt},i={}", credential.iterations);
        let opened = Opened {
            login,
            credential,
            nonce,
            signed: format!("{},{challenge}", first.bare()),
        };
        Ok((challenge, opened))
    }

    /// As whom a delegation token lets log in, and with what: its secret is the password.
    fn by_token(
        &self,
        id: &str,
        tokens: &DelegationTokens,
        salt: String,
    ) -> Result<(Login, Option<Arc<ScramCredential>>), Failed> {
        let Some(token) = tokens.get(id) else {
            let why = format!("Token Authentication failed: Invalid tokenId : {id}");
            return Err(Failed::hidden(why));
        };
        let login = Login {
            name: token.owner_name().to_owned(),
            expires: Some(token.expires),
            by_token: true,
        };
        let password = tokens.password(id);
        let iterations = Scram::ITERATIONS_MIN;
        let made =
            ScramCredential::of_password(self.hash, &password, salt.into_bytes(), iterations);
        Ok((login, made.map(Arc::new)))
    }

    fn close(&self, token: &[u8], opened: Opened) -> Result<Turn, Failed> {
        let Some(last) = ClientFinal::parse(token) else {
            return Err(Failed::hidden("Invalid SCRAM client final message format"));
        };
        if last.nonce != opened.nonce {
            let why = if last.nonce.ends_with(&opened.nonce) {
                NONCE_TWICE
            } else {
                "Invalid client nonce in the final client message."
            };
            return Err(Failed::hidden(why));
        }
        let empty = || Failed::Broken("a key is empty".to_owned());
        let Opened { credential, .. } = &opened;
        let signed = format!("{},{}", opened.signed, last.without_proof());
        let signature = self.hash.hmac(&credential.stored_key, signed.as_bytes());
        let signature = signature.ok_or_else(empty)?;
        if signature.len() != last.proof.len() {
            // Kafka does not look, and fails when it takes the one from the other.
            let why = "Argument arrays must be of the same length";
            return Err(Failed::Broken(why.to_owned()));
        }
        let pairs = signature.iter().zip(&last.proof);
        let client_key: Vec<u8> = pairs.map(|(one, other)| one ^ other).collect();
        let stored_key = self.hash.hash(&client_key);
        if !bool::from(stored_key.ct_eq(&credential.stored_key)) {
            return Err(Failed::hidden("Invalid client credentials"));
        }
        let proof = self.hash.hmac(&credential.server_key, signed.as_bytes());
        let proof = proof.ok_or_else(empty)?;
        Ok(Turn::Done {
            token: format!("v={}", BASE64_STANDARD.encode(proof)).into_bytes(),
            name: opened.login.name,
            expires: opened.login.expires,
            by_token: opened.login.by_token,
        })
    }
}
