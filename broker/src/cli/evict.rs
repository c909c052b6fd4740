//! `fauxka group evict`: who leaves a group.

use anyhow::{Result, bail};
use clap::Args;
use serde_json::{Value as Json, json};

use super::asked::{Asked, Asking};
use super::complete;
use super::http::encoded;

/// Members of a group.
#[derive(Debug, Args)]
pub(crate) struct Members {
    /// The group
    #[arg(add = complete::groups())]
    id: String,
    /// The member id or group instance id
    #[arg(required_unless_present_any = ["client_id", "instance_id", "all"])]
    member: Option<String>,
    /// Everyone with this client id
    #[arg(long, value_name = "NAME", conflicts_with = "member")]
    client_id: Option<String>,
    /// The static member with this group instance id
    #[arg(long, value_name = "ID", conflicts_with_all = ["member", "client_id"])]
    instance_id: Option<String>,
    /// Everyone
    #[arg(long, conflicts_with_all = ["member", "client_id", "instance_id"])]
    all: bool,
}

impl Members {
    /// Removes them.
    pub(super) fn evict(&self, asking: &Asking) -> Result<()> {
        let group = encoded(&self.id);
        let members = match &self.member {
            Some(member) => vec![member.clone()],
            None => self.meant(&asking.ask(&Asked::get(format!("/v1/groups/{group}")))?)?,
        };
        let evict = |member: &String| {
            let body = json!({ "member": member });
            Asked::post(format!("/v1/groups/{group}/evict"), body)
        };
        let requests: Vec<Asked> = members.iter().map(evict).collect();
        asking.print(&requests)
    }

    /// The ids of those members of a group that are meant.
    fn meant(&self, group: &Json) -> Result<Vec<String>> {
        let has = |member: &&Json, field: &str, wanted: &Option<String>| {
            wanted.is_none() || member.get(field).and_then(Json::as_str) == wanted.as_deref()
        };
        let members = group.get("members").and_then(Json::as_array);
        let meant = members
            .into_iter()
            .flatten()
            .filter(|member| has(member, "client_id", &self.client_id))
            .filter(|member| has(member, "instance_id", &self.instance_id));
        let ids = meant.filter_map(|member| member.get("member_id")?.as_str());
        let ids: Vec<String> = ids.map(str::to_owned).collect();
        if ids.is_empty() {
            let whose = match (&self.client_id, &self.instance_id) {
                (Some(id), _) => format!(" with client id {id}"),
                (None, Some(id)) => format!(" with group instance id {id}"),
                (None, None) => String::new(),
            };
            bail!("group {} has no member{whose}", self.id);
        }
        Ok(ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_meant_by_what_they_are_called() {
        #[track_caller]
        fn check(client_id: Option<&str>, instance_id: Option<&str>, expected: &[&str]) {
            let members = Members {
                id: "g".to_owned(),
                member: None,
                client_id: client_id.map(str::to_owned),
                instance_id: instance_id.map(str::to_owned),
                all: client_id.or(instance_id).is_none(),
            };
            let group = json!({ "members": [
                { "member_id": "m1", "client_id": "a", "instance_id": null },
                { "member_id": "m2", "client_id": "a", "instance_id": "i" },
                { "member_id": "m3", "client_id": "b", "instance_id": null },
            ] });
            assert_eq!(members.meant(&group).unwrap_or_default(), expected);
        }
        check(Some("a"), None, &["m1", "m2"]);
        check(None, Some("i"), &["m2"]);
        check(None, None, &["m1", "m2", "m3"]);
        check(Some("c"), None, &[]);
    }
}
