//! The client's side of SASL, token by token.

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha512};

use crate::codec::bytes::{hex, unhex};
use crate::context::{Conn, Context};

/// What the client adds to the nonce.
const CLIENT_NONCE: &str = "client-nonce";

/// PLAIN's one token.
#[must_use]
pub fn plain_token(name: &str, password: &str) -> Vec<u8> {
    format!("\0{name}\0{password}").into_bytes()
}

/// How tokens travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// In SaslAuthenticate of this version, after SaslHandshake v1.
    Requests(i16),
    /// As they are, after SaslHandshake v0.
    Bare,
}

impl Context {
    /// Asks for a mechanism.
    ///
    /// # Errors
    /// When the request cannot be written or the answer cannot be read.
    pub fn shake_hands(&mut self, conn: Conn, mechanism: &str, way: Way) -> Result<Value> {
        let version = i16::from(way != Way::Bare);
        let body = json!({"mechanism": mechanism});
        self.call_on(conn, "SaslHandshake", version, body)
    }

    /// Sends a token, shown as `shown`, and waits for the broker's; none if it refuses the client.
    ///
    /// # Errors
    /// When the request cannot be written or the answer cannot be read.
    pub fn send_token(
        &mut self,
        conn: Conn,
        way: Way,
        (shown, token): (&str, &[u8]),
    ) -> Result<Option<Vec<u8>>> {
        match way {
            Way::Bare => {
                self.send_frame(conn, &format!("token {shown}"), token)?;
                self.receive_frame(conn)
            }
            Way::Requests(version) => {
                if self.labels.hidden.contains(&"authBytes") {
                    self.note(&format!("token {shown}"));
                }
                let body = json!({"authBytes": hex(token)});
                let answer = self.call_on(conn, "SaslAuthenticate", version, body)?;
                if answer["errorCode"] != 0 {
                    return Ok(None);
                }
                let token = answer["authBytes"].as_str().context("a token")?;
                unhex(token).map(Some)
            }
        }
    }

    /// Logs in by PLAIN without a trace in the transcript.
    ///
    /// # Errors
    /// When the broker refuses.
    pub fn log_in(&mut self, conn: Conn, (name, password): (&str, &str)) -> Result<()> {
        self.quietly(|cx| {
            let way = Way::Requests(1);
            cx.shake_hands(conn, "PLAIN", way)?;
            let token = plain_token(name, password);
            let answer = cx.send_token(conn, way, ("", &token))?;
            answer.map(drop).context("a login that is refused")
        })
    }
}

/// A hash that SCRAM is done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// SCRAM-SHA-256
    Sha256,
    /// SCRAM-SHA-512
    Sha512,
}

impl Hash {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sha256, Self::Sha512];

    /// The mechanism's name.
    #[must_use]
    pub const fn mechanism(self) -> &'static str {
        match self {
            Self::Sha256 => "SCRAM-SHA-256",
            Self::Sha512 => "SCRAM-SHA-512",
        }
    }

    /// Its number in requests about credentials.
    #[must_use]
    pub const fn number(self) -> i8 {
        match self {
            Self::Sha256 => 1,
            Self::Sha512 => 2,
        }
    }

    /// What a credential is made of.
    #[must_use]
    pub fn salted_password(self, password: &str, salt: &[u8], iterations: u32) -> Vec<u8> {
        let password = password.as_bytes();
        match self {
            Self::Sha256 => {
                pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password, salt, iterations).to_vec()
            }
            Self::Sha512 => {
                pbkdf2::pbkdf2_hmac_array::<Sha512, 64>(password, salt, iterations).to_vec()
            }
        }
    }

    fn hmac(self, key: &[u8], text: &[u8]) -> Result<Vec<u8>> {
        Ok(match self {
            Self::Sha256 => {
                let mut mac = Hmac::<Sha256>::new_from_slice(key).ok().context("a key")?;
                mac.update(text);
                mac.finalize().into_bytes().to_vec()
            }
            Self::Sha512 => {
                let mut mac = Hmac::<Sha512>::new_from_slice(key).ok().context("a key")?;
                mac.update(text);
                mac.finalize().into_bytes().to_vec()
            }
        })
    }

    fn digest(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(text).to_vec(),
            Self::Sha512 => Sha512::digest(text).to_vec(),
        }
    }
}

/// A client's side of one exchange; cases change the fields before they go on.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the parts of SCRAM's messages")]
pub struct Scram {
    pub hash: Hash,
    pub password: String,
    pub gs2_header: String,
    /// The first message without its header, and as the broker signs it.
    pub first: String,
    pub signed_first: String,
    pub channel_binding: String,
    pub nonce: String,
    /// What stands before the proof and is not signed.
    pub extensions: String,
    server_first: String,
    salted_password: Vec<u8>,
}

impl Scram {
    /// Somebody who is about to log in.
    #[must_use]
    pub fn new(hash: Hash, name: &str, password: &str) -> Self {
        let first = format!("n={name},r={CLIENT_NONCE}");
        Self {
            hash,
            password: password.to_owned(),
            gs2_header: "n,,".to_owned(),
            signed_first: first.clone(),
            first,
            channel_binding: "biws".to_owned(),
            nonce: String::new(),
            extensions: String::new(),
            server_first: String::new(),
            salted_password: Vec::new(),
        }
    }

    /// Says who it is. Says whether the broker goes on.
    ///
    /// # Errors
    /// When the broker says something else than SCRAM has it.
    pub fn begin(&mut self, cx: &mut Context, conn: Conn, way: Way) -> Result<bool> {
        let first = format!("{}{}", self.gs2_header, self.first);
        let answer = cx.send_token(conn, way, (&first, first.as_bytes()))?;
        let Some(token) = answer else {
            return Ok(false);
        };
        let text = String::from_utf8(token)?;
        let parts: Vec<&str> = text.split(',').collect();
        let &[nonce, salt, iterations] = parts.as_slice() else {
            bail!("a first message of the broker's: {text}");
        };
        nonce
            .strip_prefix("r=")
            .context("r=")?
            .clone_into(&mut self.nonce);
        let salt = salt.strip_prefix("s=").context("s=")?;
        let theirs = self.nonce.strip_prefix(CLIENT_NONCE);
        let theirs = theirs.context("the client's nonce")?;
        cx.labels.text(theirs, "<nonce>");
        cx.labels.text(salt, "<salt>");
        cx.note(&format!("the broker's token {text}"));
        let iterations = iterations.strip_prefix("i=").context("i=")?.parse()?;
        let salt = BASE64_STANDARD.decode(salt)?;
        self.salted_password = self.hash.salted_password(&self.password, &salt, iterations);
        self.server_first = text;
        Ok(true)
    }

    /// Proves who it is, and looks at the broker's proof. Says whether the broker is content.
    ///
    /// # Errors
    /// When the broker's proof is wrong.
    pub fn prove(&self, cx: &mut Context, conn: Conn, way: Way) -> Result<bool> {
        self.prove_with(cx, conn, way, |proof| proof)
    }

    /// The same with another proof.
    ///
    /// # Errors
    /// When the broker's proof is wrong.
    pub fn prove_with(
        &self,
        cx: &mut Context,
        conn: Conn,
        way: Way,
        change: impl FnOnce(Vec<u8>) -> Vec<u8>,
    ) -> Result<bool> {
        let bare = format!("c={},r={}", self.channel_binding, self.nonce);
        let signed = format!("{},{},{bare}", self.signed_first, self.server_first);
        let client_key = self.hash.hmac(&self.salted_password, b"Client Key")?;
        let stored_key = self.hash.digest(&client_key);
        let signature = self.hash.hmac(&stored_key, signed.as_bytes())?;
        let pairs = client_key.iter().zip(&signature);
        let proof = change(pairs.map(|(one, other)| one ^ other).collect());
        let last = format!(
            "{bare}{},p={}",
            self.extensions,
            BASE64_STANDARD.encode(proof)
        );
        let shown = format!("{bare}{},p=<proof>", self.extensions);
        let shown = cx.labels.replaced(&shown);
        let Some(token) = cx.send_token(conn, way, (&shown, last.as_bytes()))? else {
            return Ok(false);
        };
        let server_key = self.hash.hmac(&self.salted_password, b"Server Key")?;
        let signature = self.hash.hmac(&server_key, signed.as_bytes())?;
        let expected = format!("v={}", BASE64_STANDARD.encode(signature));
        let right = token == expected.as_bytes();
        cx.note(if right {
            "the broker's token v=<its signature>"
        } else {
            "the broker's token is wrong"
        });
        Ok(right)
    }
}
