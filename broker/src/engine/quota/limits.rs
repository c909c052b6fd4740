//! Which quota counts for a client.

use std::collections::BTreeMap;

/// A name, or the default for all that have none of their own.
pub(super) type Name = Option<String>;

/// Whom a quota is set for: a user, a client id, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct QuotaEntity {
    pub(super) user: Option<Name>,
    pub(super) client_id: Option<Name>,
}

/// Who is measured together: requests with the same of both. Nobody has an empty name, so it stands for anyone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tags {
    pub(super) user: String,
    pub(super) client_id: String,
}

/// The values of one quota.
#[derive(Debug, Default)]
pub(super) struct Limits {
    values: BTreeMap<QuotaEntity, f64>,
}

impl Limits {
    pub(super) fn set(&mut self, entity: QuotaEntity, value: Option<f64>) {
        match value {
            Some(value) => drop(self.values.insert(entity, value)),
            None => drop(self.values.remove(&entity)),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// With whom a client is measured. Where all quotas are of one kind, Kafka goes by that, whether or
    /// not one is the client's; else by the first that is.
    pub(super) fn tags(&self, user: &str, client_id: &str) -> Tags {
        let tags = |user: &str, client_id: &str| Tags {
            user: user.to_owned(),
            client_id: client_id.to_owned(),
        };
        let kinds = |has: fn(&QuotaEntity) -> bool| self.values.keys().any(has);
        let of_both = kinds(|entity| entity.user.is_some() && entity.client_id.is_some());
        let of_users = kinds(|entity| entity.client_id.is_none());
        let of_clients = kinds(|entity| entity.user.is_none());
        match (of_both, of_users, of_clients) {
            (true, false, false) => tags(user, client_id),
            (false, true, false) => tags(user, ""),
            (false, false, _) => tags("", client_id),
            _ => {
                let first = order(user, client_id).into_iter();
                let mut first = first.filter(|entity| self.values.contains_key(entity));
                match first.next() {
                    Some(QuotaEntity { user: None, .. }) | None => tags("", client_id),
                    Some(QuotaEntity {
                        client_id: None, ..
                    }) => tags(user, ""),
                    Some(_) => tags(user, client_id),
                }
            }
        }
    }

    /// The quota of those that are measured together.
    pub(super) fn of(&self, tags: &Tags) -> Option<f64> {
        let (is_user, is_client) = (!tags.user.is_empty(), !tags.client_id.is_empty());
        let entities = order(&tags.user, &tags.client_id).into_iter();
        let mut entities = entities.filter(|entity| {
            entity.user.is_some() == is_user && entity.client_id.is_some() == is_client
        });
        entities.find_map(|entity| self.values.get(&entity).copied())
    }
}

/// Whose quotas a client may have, those that count first before the others.
fn order(user: &str, client_id: &str) -> [QuotaEntity; 8] {
    let own_user = || Some(Some(user.to_owned()));
    let own_client = || Some(Some(client_id.to_owned()));
    let entity = |user, client_id| QuotaEntity { user, client_id };
    [
        entity(own_user(), own_client()),
        entity(own_user(), Some(None)),
        entity(own_user(), None),
        entity(Some(None), own_client()),
        entity(Some(None), Some(None)),
        entity(Some(None), None),
        entity(None, own_client()),
        entity(None, Some(None)),
    ]
}
