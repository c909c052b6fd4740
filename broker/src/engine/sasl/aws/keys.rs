//! Access keys: who signs, and with what.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::wire::units::WallMillis;

/// What stands for a secret that is not written down.
const HIDDEN: &str = "hidden";

fn hidden() -> String {
    HIDDEN.to_owned()
}

/// An access key of an IAM user, or of a role's session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    /// Never written down.
    #[serde(skip, default = "hidden")]
    pub(crate) secret: String,
    /// What requests must carry besides, if the key is one of a session.
    #[serde(skip)]
    pub(crate) session_token: Option<String>,
    /// When the session is over.
    pub(crate) expires: Option<WallMillis>,
    /// Whose it is: an ARN, which is the principal's name.
    pub(crate) arn: String,
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id,
            secret: _,
            session_token: _,
            expires,
            arn,
        } = self;
        let mut shown = f.debug_struct("AccessKey");
        shown.field("id", id).field("arn", arn);
        shown.field("expires", expires).finish_non_exhaustive()
    }
}

/// All of them, by their ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct AccessKeys(BTreeMap<String, AccessKey>);

impl AccessKeys {
    /// Lets somebody sign with a key from now on, in the place of one of the same id.
    pub(crate) fn add(&mut self, key: AccessKey) {
        self.0.insert(key.id.clone(), key);
    }

    /// Forgets a key. Says whether there was one.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        self.0.remove(id).is_some()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&AccessKey> {
        self.0.get(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &AccessKey> {
        self.0.values()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
