"""A call for each operation of the control port."""
# Made by `generate` from _async/control.py: do not edit.
from __future__ import annotations

from typing import List, Optional, cast

from .. import types
from .._encoding import Binary, path
from .request import Requests


class Control(Requests):
    """A call for each operation of the control port. Answers are as the port gives them."""

    def get_liveness(self) -> str:
        """Check that the control port answers.

        Says nothing of the cluster: `/v1/health` does. Needs no token."""
        return self.text("GET", "/healthz")

    def get_metrics(self) -> str:
        """Get metrics in Prometheus text format.

        Requests, errors, rebalances, group members, lag, share groups, tasks of streams groups, transactions and connections."""
        return self.text("GET", "/metrics")

    def list_access_keys(self) -> List[types.AccessKeyView]:
        """List the access keys that clients can log in with."""
        return cast("List[types.AccessKeyView]", self.json("GET", "/v1/access-keys"))

    def add_access_key(self, body: types.NewAccessKey) -> None:
        """Add an access key.

        Clients log in with it as they do to MSK: by AWS_MSK_IAM, or by OAUTHBEARER with a token of one of AWS's signers. A key of
        the same id is replaced."""
        self.nothing("POST", "/v1/access-keys", body=body)

    def remove_access_key(self, id: str) -> None:
        """Remove an access key.

        Connections that have already logged in with the key stay open until their session ends."""
        self.nothing("DELETE", path("/v1/access-keys/{id}", id))

    def list_acls(self, *, principal: Optional[str] = None, permission: Optional[types.Permission] = None, operation: Optional[types.Operation] = None, resource_type: Optional[types.ResourceType] = None, resource: Optional[str] = None, pattern: Optional[types.PatternType] = None, host: Optional[str] = None) -> List[types.Acl]:
        """List ACLs.

        Without conditions all are listed. Names are compared as they are written in the ACL: a prefixed ACL is found by its
        prefix."""
        return cast("List[types.Acl]", self.json("GET", "/v1/acls", query={"principal": principal, "permission": permission, "operation": operation, "resource_type": resource_type, "resource": resource, "pattern": pattern, "host": host}))

    def add_acl(self, body: types.Acl) -> None:
        """Add an ACL.

        It holds from the next request on. An ACL that exists already is no error."""
        self.nothing("POST", "/v1/acls", body=body)

    def remove_acls(self, *, principal: Optional[str] = None, permission: Optional[types.Permission] = None, operation: Optional[types.Operation] = None, resource_type: Optional[types.ResourceType] = None, resource: Optional[str] = None, pattern: Optional[types.PatternType] = None, host: Optional[str] = None) -> List[types.Acl]:
        """Remove ACLs.

        Without conditions all are removed. Requests that are under way go on."""
        return cast("List[types.Acl]", self.json("DELETE", "/v1/acls", query={"principal": principal, "permission": permission, "operation": operation, "resource_type": resource_type, "resource": resource, "pattern": pattern, "host": host}))

    def explain_acl(self, *, principal: str, operation: types.Operation, resource_type: types.ResourceType, resource: str, host: Optional[str] = None) -> types.Explained:
        """Explain why something is allowed or denied."""
        return cast("types.Explained", self.json("GET", "/v1/acls/why", query={"principal": principal, "operation": operation, "resource_type": resource_type, "resource": resource, "host": host}))

    def set_advertised_addresses(self, body: types.Addresses) -> None:
        """Set the advertised addresses of nodes.

        Clients are told these addresses from the next response on, by Metadata, FindCoordinator, DescribeCluster and every
        other API that names nodes. They override `--advertise`, and survive resets and restored snapshots. Use this
        when you know the mapped ports of a container only after it has started."""
        self.nothing("PUT", "/v1/advertise", body=body)

    def list_certificates(self) -> List[types.ServedCertificate]:
        """List the certificates that nodes serve with."""
        return cast("List[types.ServedCertificate]", self.json("GET", "/v1/certificates"))

    def expire_certificate(self, body: types.Named) -> None:
        """Have a certificate expire now.

        A broker's or a client's. New handshakes with it fail, with the alert `certificate_expired`. Open connections stay."""
        self.nothing("POST", "/v1/certificates/expire", body=body)

    def renew_certificate(self, body: types.Named) -> None:
        """Have an expired certificate be good again.

        Its own dates count from then on."""
        self.nothing("POST", "/v1/certificates/renew", body=body)

    def get_clock(self) -> types.ClockView:
        """Show the clock and what is due."""
        return cast("types.ClockView", self.json("GET", "/v1/clock"))

    def advance_clock(self, body: types.Advance) -> types.Advanced:
        """Move a manual clock forward.

        Answers once everything that was due on the way has happened. Members of groups whose clients are connected keep their
        sessions, as their heartbeats would; `silent` names the clients whose sessions are to run out."""
        return cast("types.Advanced", self.json("POST", "/v1/clock/advance", body=body))

    def get_cluster(self) -> types.ClusterView:
        """Show the cluster and its nodes."""
        return cast("types.ClusterView", self.json("GET", "/v1/cluster"))

    def list_faults(self) -> List[types.FaultView]:
        """List the fault rules, in the order they were mounted."""
        return cast("List[types.FaultView]", self.json("GET", "/v1/faults"))

    def mount_fault(self, body: types.Rule) -> types.FaultView:
        """Mount a fault rule.

        It comes after the rules that are already in force."""
        return cast("types.FaultView", self.json("POST", "/v1/faults", body=body))

    def heal_faults(self) -> None:
        """End all fault rules.

        Requests and responses that they hold back go on. Rules with an expectation stay in the list."""
        self.nothing("DELETE", "/v1/faults")

    def get_fault(self, rule: str) -> types.FaultView:
        """Show a fault rule."""
        return cast("types.FaultView", self.json("GET", path("/v1/faults/{rule}", rule)))

    def remove_fault(self, rule: str) -> None:
        """End a fault rule and forget it.

        Requests and responses that it holds back go on."""
        self.nothing("DELETE", path("/v1/faults/{rule}", rule))

    def release_fault(self, rule: str) -> types.FaultView:
        """End a fault rule.

        Requests and responses that it holds back go on in the order they came. The rule stays in the list."""
        return cast("types.FaultView", self.json("POST", path("/v1/faults/{rule}/release", rule)))

    def wait_for_fault(self, rule: str, *, hits: Optional[int] = None, timeout: Optional[str] = None) -> types.FaultView:
        """Wait until a fault rule has acted."""
        return cast("types.FaultView", self.json("GET", path("/v1/faults/{rule}/wait", rule), query={"hits": hits, "timeout": timeout}))

    def list_groups(self) -> List[types.GroupView]:
        """List the groups with their members, offsets and lag, sorted by id."""
        return cast("List[types.GroupView]", self.json("GET", "/v1/groups"))

    def get_group(self, group: str) -> types.GroupWithCommits:
        """Show a group with its members, offsets, lag and latest commits."""
        return cast("types.GroupWithCommits", self.json("GET", path("/v1/groups/{group}", group)))

    def evict_member(self, group: str, body: types.WhichMember) -> None:
        """Remove a member from a group, as if its session had timed out."""
        self.nothing("POST", path("/v1/groups/{group}/evict", group), body=body)

    def move_group_coordinator(self, group: str, body: types.Move) -> None:
        """Move a group's coordinator, or have it load for a while."""
        self.nothing("POST", path("/v1/groups/{group}/move-coordinator", group), body=body)

    def move_share_coordinator(self, group: str, body: types.MoveShare) -> None:
        """Move the share coordinator of a group's partition, or have it load for a while."""
        self.nothing("POST", path("/v1/groups/{group}/move-share-coordinator", group), body=body)

    def commit_offsets(self, group: str, body: types.NewOffsets) -> None:
        """Commit offsets for a group.

        The group must have no members, as with `kafka-consumer-groups.sh --reset-offsets`. A group that does not exist is
        created."""
        self.nothing("POST", path("/v1/groups/{group}/offsets", group), body=body)

    def rebalance_group(self, group: str) -> None:
        """Start a rebalance of a group."""
        self.nothing("POST", path("/v1/groups/{group}/rebalance", group))

    def release_group_coordinator(self, group: str) -> None:
        """Finish loading a group's coordinator."""
        self.nothing("POST", path("/v1/groups/{group}/release-coordinator", group))

    def release_share_coordinator(self, group: str, body: types.SharedPartition) -> None:
        """Finish loading the share coordinator of a group's partition."""
        self.nothing("POST", path("/v1/groups/{group}/release-share-coordinator", group), body=body)

    def get_health(self) -> types.Health:
        """Check that the cluster is ready.

        Promises what the READY line promises: every running node accepts connections, and the topics, records, offsets, users and
        fault rules that the cluster starts with are there. Use it as the health check of a container. Needs no token."""
        return cast("types.Health", self.json("GET", "/v1/health"))

    def get_journal(self, *, kind: Optional[str] = None, api: Optional[str] = None, client_id: Optional[str] = None, principal: Optional[str] = None, connection: Optional[int] = None, node: Optional[int] = None, topic: Optional[str] = None, partition: Optional[int] = None, group: Optional[str] = None, member: Optional[str] = None, transactional_id: Optional[str] = None, producer_id: Optional[int] = None, error: Optional[str] = None, failed: Optional[bool] = None, applied: Optional[str] = None, rule: Optional[str] = None, after: Optional[int] = None, limit: Optional[int] = None) -> types.Rows:
        """Read the journal: requests with their outcomes, and changes of state.

        The query parameters are conditions that a row must all meet. A condition that does not exist is refused."""
        return cast("types.Rows", self.json("GET", "/v1/journal", query={"kind": kind, "api": api, "client_id": client_id, "principal": principal, "connection": connection, "node": node, "topic": topic, "partition": partition, "group": group, "member": member, "transactional_id": transactional_id, "producer_id": producer_id, "error": error, "failed": failed, "applied": applied, "rule": rule, "after": after, "limit": limit}))

    def clear_journal(self) -> None:
        """Delete all rows of the journal.

        Row numbers do not start again."""
        self.nothing("DELETE", "/v1/journal")

    def wait_for_journal(self, *, kind: Optional[str] = None, api: Optional[str] = None, client_id: Optional[str] = None, principal: Optional[str] = None, connection: Optional[int] = None, node: Optional[int] = None, topic: Optional[str] = None, partition: Optional[int] = None, group: Optional[str] = None, member: Optional[str] = None, transactional_id: Optional[str] = None, producer_id: Optional[int] = None, error: Optional[str] = None, failed: Optional[bool] = None, applied: Optional[str] = None, rule: Optional[str] = None, after: Optional[int] = None, count: Optional[int] = None, timeout: Optional[str] = None) -> types.Rows:
        """Wait until the journal has enough matching rows.

        Rows that are already there count."""
        return cast("types.Rows", self.json("GET", "/v1/journal/wait", query={"kind": kind, "api": api, "client_id": client_id, "principal": principal, "connection": connection, "node": node, "topic": topic, "partition": partition, "group": group, "member": member, "transactional_id": transactional_id, "producer_id": producer_id, "error": error, "failed": failed, "applied": applied, "rule": rule, "after": after, "count": count, "timeout": timeout}))

    def freeze_metadata(self, body: types.Answers) -> None:
        """Make the next Metadata responses stale.

        They show the nodes, leaders and in-sync replicas as they are now, whatever happens meanwhile."""
        self.nothing("POST", "/v1/metadata/freeze", body=body)

    def add_node(self, body: types.NewNode) -> types.Added:
        """Add a node on a free port.

        It has no replicas until you create topics or reassign partitions."""
        return cast("types.Added", self.json("POST", "/v1/nodes", body=body))

    def restart_nodes(self) -> None:
        """Restart the nodes one after the other.

        Answers once the last one is back."""
        self.nothing("POST", "/v1/nodes/rolling-restart")

    def remove_node(self, id: int) -> None:
        """Remove a node for good.

        Answers once its sockets are closed."""
        self.nothing("DELETE", path("/v1/nodes/{id}", id))

    def pause_node(self, id: int) -> None:
        """Pause a node: nothing passes to or from it, as if its process were suspended.

        The other nodes do not take over from it."""
        self.nothing("POST", path("/v1/nodes/{id}/pause", id))

    def resume_node(self, id: int) -> None:
        """Resume a paused node.

        It handles what it was sent in the meantime."""
        self.nothing("POST", path("/v1/nodes/{id}/resume", id))

    def start_node(self, id: int) -> types.NodeState:
        """Start a stopped node.

        Answers once it accepts connections."""
        return cast("types.NodeState", self.json("POST", path("/v1/nodes/{id}/start", id)))

    def stop_node(self, id: int) -> types.NodeState:
        """Stop a node.

        Answers once its sockets are closed."""
        return cast("types.NodeState", self.json("POST", path("/v1/nodes/{id}/stop", id)))

    def list_policies(self) -> List[types.PolicyView]:
        """List the policies."""
        return cast("List[types.PolicyView]", self.json("GET", "/v1/policies"))

    def put_policy(self, name: str, body: types.NewPolicy) -> None:
        """Add a policy, or change it.

        As soon as there is a policy, principals of IAM connect and act only as policies allow."""
        self.nothing("PUT", path("/v1/policies/{name}", name), body=body)

    def remove_policy(self, name: str) -> None:
        """Remove a policy."""
        self.nothing("DELETE", path("/v1/policies/{name}", name))

    def attach_policy(self, name: str, body: types.Whose) -> None:
        """Give a policy to a principal."""
        self.nothing("POST", path("/v1/policies/{name}/attach", name), body=body)

    def detach_policy(self, name: str, body: types.Whose) -> None:
        """Take a policy from a principal."""
        self.nothing("POST", path("/v1/policies/{name}/detach", name), body=body)

    def get_recording(self) -> types.Status:
        """Show the running recording, or the last one."""
        return cast("types.Status", self.json("GET", "/v1/recording"))

    def start_recording(self, body: types.Start) -> types.Status:
        """Start recording everything that happens.

        Every coordinator loads its groups and transactions again, as after a restart of all nodes. Connections stay open, except
        those that wait for a response. Passwords and tokens are not recorded."""
        return cast("types.Status", self.json("POST", "/v1/recording", body=body))

    def download_recording(self) -> bytes:
        """Download the recording.

        It has everything that has happened so far, and `fauxka rerun` takes it while the recording goes on."""
        return self.binary("GET", "/v1/recording/file")

    def stop_recording(self) -> types.Status:
        """Stop recording.

        Answers once all of it is on disk."""
        return cast("types.Status", self.json("POST", "/v1/recording/stop"))

    def get_report(self) -> types.Report:
        """Report what a failed test should show: the seed, the fault rules and the end of the journal.

        Ask for it at the end of each test, before a reset, and let the test fail if any rule is unmet."""
        return cast("types.Report", self.json("GET", "/v1/report"))

    def reset_cluster(self, body: types.Scope) -> None:
        """Reset the cluster to what it was at its start, or parts of it.

        Connections stay open, except those that wait for a response."""
        self.nothing("POST", "/v1/reset", body=body)

    def download_snapshot(self) -> bytes:
        """Take a snapshot and download it."""
        return self.binary("GET", "/v1/snapshot")

    def upload_snapshot(self, body: bytes) -> None:
        """Restore a snapshot from its bytes.

        All of it is restored or nothing. Connections stay open, except those that wait for a response. A snapshot may be up to
        256 MiB larger than `--max-log-bytes`."""
        self.nothing("PUT", "/v1/snapshot", body=Binary(body))

    def list_snapshots(self) -> List[types.SnapshotView]:
        """List the snapshots that are kept in memory."""
        return cast("List[types.SnapshotView]", self.json("GET", "/v1/snapshots"))

    def take_snapshot(self, name: str) -> types.SnapshotView:
        """Take a snapshot and keep it in memory.

        It replaces a snapshot of the same name. At most 16 are kept."""
        return cast("types.SnapshotView", self.json("POST", path("/v1/snapshots/{name}", name)))

    def forget_snapshot(self, name: str) -> None:
        """Delete a snapshot from memory."""
        self.nothing("DELETE", path("/v1/snapshots/{name}", name))

    def restore_snapshot(self, name: str) -> None:
        """Restore a snapshot from memory.

        Connections stay open, except those that wait for a response."""
        self.nothing("POST", path("/v1/snapshots/{name}/restore", name))

    def list_topics(self) -> List[types.TopicView]:
        """List the topics with their partitions, sorted by name."""
        return cast("List[types.TopicView]", self.json("GET", "/v1/topics"))

    def create_topic(self, body: types.NewTopic) -> types.TopicView:
        """Create a topic.

        The request is checked as Kafka checks CreateTopics. The topic exists once this answers."""
        return cast("types.TopicView", self.json("POST", "/v1/topics", body=body))

    def get_topic(self, topic: str) -> types.TopicView:
        """Show a topic with its partitions: leaders, offsets and producers."""
        return cast("types.TopicView", self.json("GET", path("/v1/topics/{topic}", topic)))

    def delete_topic(self, topic: str) -> None:
        """Delete a topic."""
        self.nothing("DELETE", path("/v1/topics/{topic}", topic))

    def alter_topic(self, topic: str, body: types.TopicChanges) -> types.TopicView:
        """Alter a topic's partitions and configs.

        The changes are checked as Kafka checks CreatePartitions and IncrementalAlterConfigs."""
        return cast("types.TopicView", self.json("PATCH", path("/v1/topics/{topic}", topic), body=body))

    def produce_records(self, topic: str, body: types.NewRecords) -> types.Produced:
        """Produce records.

        The records pass the checks that Kafka makes for a producer with `acks=1`."""
        return cast("types.Produced", self.json("POST", path("/v1/topics/{topic}/records", topic), body=body))

    def recreate_topic(self, topic: str) -> None:
        """Delete a topic and create it again at once.

        It is empty and has a new topic id."""
        self.nothing("POST", path("/v1/topics/{topic}/recreate", topic))

    def damage_batch(self, topic: str, partition: int, body: types.At) -> None:
        """Damage the stored batch that contains an offset.

        Its checksum is wrong from then on."""
        self.nothing("POST", path("/v1/topics/{topic}/{partition}/damage", topic, partition), body=body)

    def expire_producer(self, topic: str, partition: int, body: types.KnownProducer) -> None:
        """Forget an idempotent producer, or all of them.

        As Kafka does after `producer.id.expiration.ms`."""
        self.nothing("POST", path("/v1/topics/{topic}/{partition}/expire-producer", topic, partition), body=body)

    def hold_high_watermark(self, topic: str, partition: int, body: types.Held) -> None:
        """Hold a partition's high watermark where it is, or let it follow the end of the log again."""
        self.nothing("POST", path("/v1/topics/{topic}/{partition}/high-watermark", topic, partition), body=body)

    def move_leader(self, topic: str, partition: int, body: types.NewLeader) -> None:
        """Make a replica the leader of a partition, in a new leader epoch."""
        self.nothing("POST", path("/v1/topics/{topic}/{partition}/leader", topic, partition), body=body)

    def raise_log_start(self, topic: str, partition: int, body: types.At) -> None:
        """Delete a partition's records before an offset, as retention does."""
        self.nothing("POST", path("/v1/topics/{topic}/{partition}/log-start", topic, partition), body=body)

    def hold_reassignment(self, topic: str, partition: int, body: types.Held) -> None:
        """Hold a partition's reassignment in progress, or let it go on."""
        self.nothing("POST", path("/v1/topics/{topic}/{partition}/reassignment", topic, partition), body=body)

    def get_records(self, topic: str, partition: int, *, from_: Optional[int] = None, max: Optional[int] = None) -> types.Contents:
        """Read a partition's records, transaction markers and batch headers."""
        return cast("types.Contents", self.json("GET", path("/v1/topics/{topic}/{partition}/records", topic, partition), query={"from": from_, "max": max}))

    def set_in_sync(self, topic: str, partition: int, body: types.InSync) -> None:
        """Remove a follower from the in-sync replicas, or add it back."""
        self.nothing("POST", path("/v1/topics/{topic}/{partition}/replicas", topic, partition), body=body)

    def hold_transaction_markers(self, body: types.Held) -> None:
        """Hold back transaction markers, or let them be written."""
        self.nothing("POST", "/v1/transaction-markers", body=body)

    def list_transactions(self) -> List[types.TransactionView]:
        """List the transactional ids with their transactions, sorted by id."""
        return cast("List[types.TransactionView]", self.json("GET", "/v1/transactions"))

    def get_transaction(self, id: str) -> types.TransactionView:
        """Show a transactional id with its transaction."""
        return cast("types.TransactionView", self.json("GET", path("/v1/transactions/{id}", id)))

    def fence_producer(self, id: str) -> None:
        """Fence the producer that uses a transactional id.

        As a new producer with the same id does: an open transaction is aborted."""
        self.nothing("POST", path("/v1/transactions/{id}/fence", id))

    def move_transaction_coordinator(self, id: str, body: types.Move) -> None:
        """Move a transactional id's coordinator, or have it load for a while."""
        self.nothing("POST", path("/v1/transactions/{id}/move-coordinator", id), body=body)

    def release_transaction_coordinator(self, id: str) -> None:
        """Finish loading a transactional id's coordinator."""
        self.nothing("POST", path("/v1/transactions/{id}/release-coordinator", id))

    def list_users(self) -> List[types.User]:
        """List the users who can log in."""
        return cast("List[types.User]", self.json("GET", "/v1/users"))

    def add_user(self, body: types.NewUser) -> None:
        """Add a user who can log in by PLAIN and SCRAM, or change a user's password."""
        self.nothing("POST", "/v1/users", body=body)

    def remove_user(self, name: str) -> None:
        """Remove a user.

        Connections that have already logged in as this user stay open."""
        self.nothing("DELETE", path("/v1/users/{name}", name))

    def expire_sessions(self, name: str) -> types.Sessions:
        """Expire a user's sessions.

        The next request closes each of the user's connections, as when `connections.max.reauth.ms` is over. Clients connect and
        log in again, if they can."""
        return cast("types.Sessions", self.json("POST", path("/v1/users/{name}/expire", name)))
