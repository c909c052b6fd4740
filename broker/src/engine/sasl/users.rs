//! Who can log in: passwords for PLAIN, which Kafka has in its configuration, and SCRAM credentials,
//! which it keeps in its metadata and clients may change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use subtle::ConstantTimeEq as _;

use crate::engine::mechanism::{Mechanism, Scram};

/// What a broker keeps of a password for SCRAM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScramCredential {
    pub(super) salt: Vec<u8>,
    pub(super) stored_key: Vec<u8>,
    pub(super) server_key: Vec<u8>,
    pub(crate) iterations: i32,
}

impl ScramCredential {
    /// From what a client has made of a password. None for an empty one.
    pub(crate) fn of_salted(
        hash: Scram,
        salted_password: &[u8],
        salt: Vec<u8>,
        iterations: i32,
    ) -> Option<Self> {
        let client_key = hash.hmac(salted_password, b"Client Key")?;
        Some(Self {
            salt,
            stored_key: hash.hash(&client_key),
            server_key: hash.hmac(salted_password, b"Server Key")?,
            iterations,
        })
    }

    pub(super) fn of_password(
        hash: Scram,
        password: &str,
        salt: Vec<u8>,
        iterations: i32,
    ) -> Option<Self> {
        let rounds = u32::try_from(iterations).ok()?;
        let salted = hash.salted_password(password, &salt, rounds);
        Self::of_salted(hash, &salted, salt, iterations)
    }
}

/// Everybody who can log in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Users {
    passwords: BTreeMap<String, String>,
    credentials: BTreeMap<(Scram, String), Arc<ScramCredential>>,
}

impl Users {
    /// Lets somebody log in with a password, by every mechanism.
    pub(super) fn add(&mut self, name: &str, password: &str, mut salt: impl FnMut() -> Vec<u8>) {
        self.set_password(name, password);
        for hash in Scram::ALL {
            let iterations = Scram::ITERATIONS_MIN;
            let made = ScramCredential::of_password(hash, password, salt(), iterations);
            if let Some(credential) = made {
                self.upsert(hash, name, credential);
            }
        }
    }

    /// Lets somebody log in with a password by PLAIN.
    pub(super) fn set_password(&mut self, name: &str, password: &str) {
        self.passwords.insert(name.to_owned(), password.to_owned());
    }

    /// Who can log in by PLAIN.
    pub(super) fn with_passwords(&self) -> impl Iterator<Item = &str> {
        self.passwords.keys().map(String::as_str)
    }

    /// Who can log in by SCRAM, and with how many iterations.
    pub(super) fn all_credentials(&self) -> impl Iterator<Item = (Scram, &str, i32)> {
        let all = self.credentials.iter();
        all.map(|((hash, name), known)| (*hash, name.as_str(), known.iterations))
    }

    /// Lets somebody log in no more. Says whether they could.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        let had_password = self.passwords.remove(name).is_some();
        let removed = Scram::ALL.map(|hash| self.delete(hash, name));
        had_password || removed.contains(&true)
    }

    pub(crate) fn upsert(&mut self, hash: Scram, name: &str, credential: ScramCredential) {
        let key = (hash, name.to_owned());
        self.credentials.insert(key, Arc::new(credential));
    }

    pub(crate) fn delete(&mut self, hash: Scram, name: &str) -> bool {
        self.credentials.remove(&(hash, name.to_owned())).is_some()
    }

    pub(crate) fn credential(&self, hash: Scram, name: &str) -> Option<&Arc<ScramCredential>> {
        self.credentials.get(&(hash, name.to_owned()))
    }

    /// Everybody who has a SCRAM credential, by name.
    pub(crate) fn with_credentials(&self) -> BTreeSet<&str> {
        let keys = self.credentials.keys();
        keys.map(|(_, name)| name.as_str()).collect()
    }

    /// Everybody, by name, and how they can log in.
    pub(crate) fn list(&self) -> BTreeMap<&str, Vec<Mechanism>> {
        let mut list: BTreeMap<&str, Vec<Mechanism>> = BTreeMap::new();
        for name in self.passwords.keys() {
            list.entry(name).or_default().push(Mechanism::Plain);
        }
        for (hash, name) in self.credentials.keys() {
            list.entry(name).or_default().push(Mechanism::Scram(*hash));
        }
        list
    }

    /// Whether that is the password. It takes as long whatever the difference.
    pub(in crate::engine::sasl) fn has_password(&self, name: &str, password: &str) -> bool {
        let known = self.passwords.get(name);
        known.is_some_and(|known| bool::from(known.as_bytes().ct_eq(password.as_bytes())))
    }
}
