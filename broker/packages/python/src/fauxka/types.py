"""The types of the control port."""
# Made by `generate` from broker/docs/openapi.json: do not edit.
from __future__ import annotations

import sys
from typing import Any, Dict, List, Literal, TypedDict, Union

if sys.version_info >= (3, 10):
    from typing import TypeAlias
else:
    TypeAlias = Any

__all__ = [
    "AccessKeyView",
    "Acl",
    "AclAddedRow",
    "AclRemovedRow",
    "AcquisitionExpiredRow",
    "Action",
    "ActionEdit",
    "Actions",
    "Added",
    "Addresses",
    "Advance",
    "Advanced",
    "AdvertisedRow",
    "Answers",
    "Api",
    "Apis",
    "Applied",
    "AssignedRow",
    "At",
    "AtLeastExpected",
    "BandwidthByteAction",
    "Base64Data",
    "Batch",
    "ByAdvance",
    "ByMsAdvance",
    "ByteAction",
    "ByteActionCut",
    "ByteActionSlice",
    "CertificateExpiredRow",
    "CertificateRenewedRow",
    "ClockView",
    "ClusterView",
    "CommitView",
    "ConnectionClosedRow",
    "ConnectionOpenedRow",
    "Contents",
    "CoordinatorMovedRow",
    "CorruptByteAction",
    "Cut",
    "CutByteAction",
    "Data",
    "DeadLetteredRow",
    "Delay",
    "DelayAction",
    "DeliveriesExhaustedRow",
    "Denied",
    "DueView",
    "EditAction",
    "ErrorAction",
    "ErrorCode",
    "Expected",
    "Explained",
    "Failure",
    "Fate",
    "FaultState",
    "FaultView",
    "ForDelay",
    "GroupStateRow",
    "GroupView",
    "GroupWithCommits",
    "Header",
    "Health",
    "Held",
    "InSync",
    "JournalFilter",
    "KafkaError",
    "KeysFetchedRow",
    "KeysNotFetchedRow",
    "Kind",
    "KnownProducer",
    "LatencyByteAction",
    "LeaderMovedRow",
    "ListenerView",
    "LogStartMovedRow",
    "LogTruncatedRow",
    "LoggedInRow",
    "Marker",
    "MarkerKind",
    "MemberView",
    "Move",
    "MoveShare",
    "Named",
    "NewAccessKey",
    "NewHeader",
    "NewLeader",
    "NewNode",
    "NewOffset",
    "NewOffsets",
    "NewPolicy",
    "NewRecord",
    "NewRecords",
    "NewTopic",
    "NewUser",
    "NodeAddress",
    "NodeHealth",
    "NodeStartedRow",
    "NodeState",
    "NodeStoppedRow",
    "NodeView",
    "OffsetView",
    "Operation",
    "PartitionView",
    "PartitionsAddedRow",
    "Pattern",
    "PatternType",
    "Permission",
    "PolicyView",
    "Produced",
    "ProducerView",
    "Record",
    "RecordPlace",
    "RecordingBeganRow",
    "RecordingBytes",
    "Refused",
    "Report",
    "RequestRow",
    "ResourceType",
    "RestoredRow",
    "Row",
    "Rows",
    "Rule",
    "Scope",
    "ServedCertificate",
    "Sessions",
    "SharePartitionView",
    "ShareRecordsView",
    "SharedPartition",
    "SliceByteAction",
    "SnapshotBytes",
    "SnapshotView",
    "Software",
    "Start",
    "Status",
    "Target",
    "TaskView",
    "TasksAssignedRow",
    "ThrottleAction",
    "ToAdvance",
    "TopicChanges",
    "TopicCreatedRow",
    "TopicDeletedRow",
    "TopicKeys",
    "TopicPartitionsView",
    "TopicView",
    "Towards",
    "TransactionStateRow",
    "TransactionView",
    "User",
    "WhichMember",
    "Whose",
]


class _AccessKeyViewRequired(TypedDict):
    has_session_token: bool
    """Whether requests must carry a session token."""
    id: str
    """The access key id."""
    principal: str
    """Whose it is: an ARN. The principal is `User:` followed by it."""


class AccessKeyView(_AccessKeyViewRequired, total=False):
    """An access key of AWS's, without its secret."""

    expires: Union[int, None]
    """When its session is over, in milliseconds since 1970."""


class _AclRequired(TypedDict):
    operation: Operation
    """The operation."""
    principal: str
    """The principal, such as `User:alice`; `User:*` stands for everybody."""
    resource: str
    """The resource's name, or what names begin with; `*` stands for all names. The cluster is `kafka-cluster`."""
    resource_type: ResourceType
    """What it is about."""


class Acl(_AclRequired, total=False):
    """An ACL, with Kafka's fields."""

    host: str
    """The client's address, such as `127.0.0.1`, a range of addresses, such as `10.0.0.0/8`, or `*` for any."""
    pattern: PatternType
    """Which names it is about."""
    permission: Permission
    """Whether it allows or denies."""


class _AclAddedRowRequired(TypedDict):
    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    operation: Operation
    """The operation."""
    principal: str
    """The principal, such as `User:alice`; `User:*` stands for everybody."""
    resource: str
    """The resource's name, or what names begin with; `*` stands for all names. The cluster is `kafka-cluster`."""
    resource_type: ResourceType
    """What it is about."""
    kind: Literal["acl_added"]


class AclAddedRow(_AclAddedRowRequired, total=False):
    """An ACL was added."""

    host: str
    """The client's address, such as `127.0.0.1`, a range of addresses, such as `10.0.0.0/8`, or `*` for any."""
    pattern: PatternType
    """Which names it is about."""
    permission: Permission
    """Whether it allows or denies."""


class _AclRemovedRowRequired(TypedDict):
    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    operation: Operation
    """The operation."""
    principal: str
    """The principal, such as `User:alice`; `User:*` stands for everybody."""
    resource: str
    """The resource's name, or what names begin with; `*` stands for all names. The cluster is `kafka-cluster`."""
    resource_type: ResourceType
    """What it is about."""
    kind: Literal["acl_removed"]


class AclRemovedRow(_AclRemovedRowRequired, total=False):
    """An ACL was removed."""

    host: str
    """The client's address, such as `127.0.0.1`, a range of addresses, such as `10.0.0.0/8`, or `*` for any."""
    pattern: PatternType
    """Which names it is about."""
    permission: Permission
    """Whether it allows or denies."""


class AcquisitionExpiredRow(TypedDict):
    """A member of a share group had records for too long: their lock ended."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    deliveries: int
    """How often they were delivered."""
    first_offset: int
    """The first record's offset."""
    group: str
    """The group id."""
    kind: Literal["acquisition_expired"]
    last_offset: int
    """The last record's offset."""
    member: str
    """The member that had them."""
    partition: int
    """The partition."""
    topic: str
    """The topic."""


class ErrorAction(TypedDict):
    """Respond with an error, by name: what the rule names fails, and the rest of the request is done. In `after_apply`
    all of it is done, and the response has the error all the same."""

    error: ErrorCode
    """Respond with an error, by name: what the rule names fails, and the rest of the request is done. In `after_apply`
    all of it is done, and the response has the error all the same."""


class DelayAction(TypedDict):
    """Wait, by the cluster's clock: `"5s"`, or `{"for": "5s", "jitter": "1s"}`."""

    delay: Delay
    """Wait, by the cluster's clock: `"5s"`, or `{"for": "5s", "jitter": "1s"}`."""


class ThrottleAction(TypedDict):
    """Respond at once with this throttle time, and leave the connection's next request unread until it is over, as quotas
    do since KIP-219."""

    throttle: Delay
    """Respond at once with this throttle time, and leave the connection's next request unread until it is over, as quotas
    do since KIP-219."""


class EditAction(TypedDict):
    """Change fields of the response: their paths, such as `responses.partitionResponses.baseOffset`, with their new values.
    Every element of an array on the path is changed, unless the rule names some."""

    edit: ActionEdit
    """Change fields of the response: their paths, such as `responses.partitionResponses.baseOffset`, with their new values.
    Every element of an array on the path is changed, unless the rule names some."""


class Added(TypedDict):
    """A node that was added."""

    address: str
    """The address that clients connect to."""
    id: int
    """The node id."""


class Addresses(TypedDict):
    """Advertised addresses. Nodes that are not listed keep theirs."""

    nodes: List[NodeAddress]
    """One address per node."""


class _ByMsAdvanceRequired(TypedDict):
    by_ms: int
    """The number of milliseconds."""


class ByMsAdvance(_ByMsAdvanceRequired, total=False):
    """By a number of milliseconds."""

    silent: List[Pattern]
    """Clients that send no heartbeats meanwhile, by client id. All others that are connected keep their sessions."""


class _ByAdvanceRequired(TypedDict):
    by: str
    """The duration, such as `45s` or `1m 30s`."""


class ByAdvance(_ByAdvanceRequired, total=False):
    """By a duration."""

    silent: List[Pattern]
    """Clients that send no heartbeats meanwhile, by client id. All others that are connected keep their sessions."""


class _ToAdvanceRequired(TypedDict):
    to: Target
    """The moment."""


class ToAdvance(_ToAdvanceRequired, total=False):
    """To a moment."""

    silent: List[Pattern]
    """Clients that send no heartbeats meanwhile, by client id. All others that are connected keep their sessions."""


class Advanced(TypedDict):
    """The time after a move, and what happened on the way."""

    elapsed_ms: int
    """Milliseconds since the cluster started."""
    expired: List[DueView]
    """What was due on the way, in order, apart from what recurs."""


class AdvertisedRow(TypedDict):
    """A node has a new advertised address."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    host: str
    """The host."""
    kind: Literal["advertised"]
    listener: str
    """The name of the listener that is reached there."""
    node: int
    """The node id."""
    port: int
    """The port."""


class Answers(TypedDict):
    """How many responses are stale."""

    answers: int
    """The number of responses; 0 makes them up to date again."""


class AssignedRow(TypedDict):
    """A share group assigned other partitions to a member than before."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    epoch: int
    """The epoch of the assignment."""
    group: str
    """The group id."""
    kind: Literal["assigned"]
    member: str
    """The member."""
    topics: List[TopicKeys]
    """All partitions that the member is to have, by topic; none if it is to have nothing."""
    why: str
    """The reason."""


class At(TypedDict):
    """An offset in the partition."""

    offset: int
    """The offset."""


class Batch(TypedDict):
    """The header of a batch in the log."""

    base_offset: int
    """The offset of the first record."""
    base_sequence: int
    """The sequence number of the first record; -1 if the producer is not idempotent."""
    bytes: int
    """The size on the wire and in the log."""
    codec: str
    """The compression codec, such as `none` or `zstd`."""
    is_control: bool
    """Whether it holds transaction markers."""
    is_transactional: bool
    """Whether it is part of a transaction."""
    last_offset: int
    """The offset of the last record."""
    leader_epoch: int
    """The leader epoch in which it was written."""
    max_timestamp: int
    """The largest timestamp of a record."""
    producer_epoch: int
    """The producer epoch; -1 if the producer is not idempotent."""
    producer_id: int
    """The producer id; -1 if the producer is not idempotent."""
    records: int
    """The number of records."""


class LatencyByteAction(TypedDict):
    """Delay them, and keep their order: `"20ms"`, or `{"for": "20ms", "jitter": "5ms"}`."""

    latency: Delay
    """Delay them, and keep their order: `"20ms"`, or `{"for": "20ms", "jitter": "5ms"}`."""


class BandwidthByteAction(TypedDict):
    """Let this many pass per second."""

    bandwidth: int
    """Let this many pass per second."""


class SliceByteAction(TypedDict):
    """Cut them into pieces, with a pause after each."""

    slice: ByteActionSlice
    """Cut them into pieces, with a pause after each."""


class CorruptByteAction(TypedDict):
    """Flip all bits of the byte at this position, counted from 0 from the moment the rule takes hold."""

    corrupt: int
    """Flip all bits of the byte at this position, counted from 0 from the moment the rule takes hold."""


class CutByteAction(TypedDict):
    """Cut the connection."""

    cut: ByteActionCut
    """Cut the connection."""


class ByteActionCut(TypedDict):
    """Cut the connection."""

    after: int
    """After this many bytes; at once for 0."""
    how: Cut
    """How."""


class ByteActionSlice(TypedDict):
    """Cut them into pieces, with a pause after each."""

    bytes: int
    """The size of a piece."""
    pause: Delay
    """The pause."""


class CertificateExpiredRow(TypedDict):
    """A test had certificates expire."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    certificate: str
    """Their distinguished name."""
    kind: Literal["certificate_expired"]


class CertificateRenewedRow(TypedDict):
    """Certificates that a test had expired are good again."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    certificate: str
    """Their distinguished name."""
    kind: Literal["certificate_renewed"]


class ClockView(TypedDict):
    """The clock, and what is due."""

    clock: str
    """`real` or `manual`."""
    elapsed_ms: int
    """Milliseconds since the cluster started, by this clock."""
    pending: List[DueView]
    """What is due, soonest first."""
    waiting: int
    """The number of connections that wait for a response which depends on time passing or on another event."""
    wall_ms: int
    """The time of day, in milliseconds since 1970."""


class ClusterView(TypedDict):
    """A cluster, in brief."""

    clock: str
    """`real` or `manual`."""
    controller: int
    """The id of the node that is the controller."""
    id: str
    """The cluster id."""
    log_bytes: int
    """How many bytes of records all logs hold."""
    log_bytes_max: int
    """How many they may hold."""
    nodes: List[NodeView]
    """The nodes, by id."""
    seed: int
    """What decides every random choice."""
    topics: int
    """The number of topics."""
    version: str
    """Fauxka's own version."""


class _CommitViewRequired(TypedDict):
    committed_ms: int
    """When it was committed, in milliseconds since 1970."""
    group: str
    """The group id."""
    offset: int
    """The committed offset."""
    partition: int
    """The partition."""
    topic: str
    """The topic."""


class CommitView(_CommitViewRequired, total=False):
    """A commit, in the order they were made; those of a transaction count when it is committed."""

    producer_id: Union[int, None]
    """The producer whose transaction committed it, if one did."""


class _ConnectionClosedRowRequired(TypedDict):
    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    connection: int
    """The connection's number."""
    kind: Literal["connection_closed"]
    node: int
    """The node id."""
    why: str
    """The reason."""


class ConnectionClosedRow(_ConnectionClosedRowRequired, total=False):
    """A connection ended."""

    client_id: Union[str, None]
    """The client id, if a request has named it."""


class ConnectionOpenedRow(TypedDict):
    """A client connected."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    client_host: str
    """The client's address, as Kafka writes it."""
    connection: int
    """The connection's number."""
    kind: Literal["connection_opened"]
    listener: str
    """The name of the listener that it came by."""
    node: int
    """The node id."""


class Contents(TypedDict):
    """What a partition holds."""

    batches: List[Batch]
    """The headers of all batches, in order."""
    partition: PartitionView
    """The partition's leader, replicas and offsets."""
    records: List[Record]
    """The records and transaction markers, in order."""


_CoordinatorMovedRowWords = TypedDict("_CoordinatorMovedRowWords", {"from": "Union[int, None]"}, total=False)


class _CoordinatorMovedRowRequired(_CoordinatorMovedRowWords):
    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    coordinator_epoch: int
    """The coordinator epoch."""
    kind: Literal["coordinator_moved"]
    partition: int
    """The partition."""
    topic: str
    """The state topic."""


class CoordinatorMovedRow(_CoordinatorMovedRowRequired, total=False):
    """The groups or transactional ids in a partition of a state topic have a new coordinator."""

    to: Union[int, None]
    """The id of the coordinator after, if there is one."""


class Base64Data(TypedDict):
    """Any bytes."""

    base64: str
    """The bytes in base64, with padding."""


class _DeadLetteredRowRequired(TypedDict):
    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    dead_letter_topic: str
    """The dead-letter topic."""
    first_offset: int
    """The first record's offset."""
    group: str
    """The group id."""
    kind: Literal["dead_lettered"]
    last_offset: int
    """The last record's offset."""
    partition: int
    """The partition."""
    topic: str
    """The topic of the records."""


class DeadLetteredRow(_DeadLetteredRowRequired, total=False):
    """Records that a share group gave up went to its dead-letter topic, or could not."""

    failure: Union[str, None]
    """Why they are not there, if they are not."""


_ForDelayWords = TypedDict("_ForDelayWords", {"for": "str"}, total=True)


class ForDelay(_ForDelayWords):
    """A varying duration."""

    jitter: str
    """The largest deviation from the mean, such as `1s`."""


class DeliveriesExhaustedRow(TypedDict):
    """Records were delivered to a share group as often as they may be, and are not delivered again."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    deliveries: int
    """How often they were delivered."""
    first_offset: int
    """The first record's offset."""
    group: str
    """The group id."""
    kind: Literal["deliveries_exhausted"]
    last_offset: int
    """The last record's offset."""
    partition: int
    """The partition."""
    topic: str
    """The topic."""


class Denied(TypedDict):
    """Something that a client was denied."""

    operation: Operation
    """What it wanted to do."""
    resource: str
    """The resource's name; `*` where it was enough that there is one."""
    resource_type: ResourceType
    """To what kind of resource."""
    why: str
    """The ACL that denies it, or why none allows it."""


class _DueViewRequired(TypedDict):
    at_ms: int
    """When, in milliseconds since the cluster started."""
    what: str
    """What happens then."""


class DueView(_DueViewRequired, total=False):
    """Something that is or was due."""

    recurs: bool
    """Whether it happens again and again. Absent if not."""


class AtLeastExpected(TypedDict, total=False):
    """Its bounds."""

    at_least: int
    """The smallest number. Default: 0."""
    at_most: Union[int, None]
    """The largest number. Default: none."""


class _ExplainedRequired(TypedDict):
    is_allowed: bool
    """Whether it is allowed."""
    why: str
    """What decides, in words."""


class Explained(_ExplainedRequired, total=False):
    """Why something is allowed or denied."""

    acl: Union[Acl, None]


class _FailureRequired(TypedDict):
    error: str
    """The error, by Kafka's name."""


class Failure(_FailureRequired, total=False):
    """An error in a response."""

    partition: Union[int, None]
    """The partition it is about, if any."""
    reason: Union[str, None]
    """The reason, if the response does not say it: what is wrong with records that cannot be decompressed."""
    topic: Union[str, None]
    """The topic it is about, if any."""


class _FaultViewRequired(TypedDict):
    hits: int
    """How often the rule has acted."""
    id: int
    """The rule's id."""
    kept: int
    """The number of requests and responses that the rule holds back now."""
    matches: int
    """The number of requests that the rule has matched."""
    rule: Rule
    """The rule itself."""
    state: FaultState
    """Whether the rule still acts."""


class FaultView(_FaultViewRequired, total=False):
    """A mounted fault rule."""

    place: Union[str, None]
    """The place in a program or file that mounted the rule. Absent if it came over HTTP."""


_GroupStateRowWords = TypedDict("_GroupStateRowWords", {"from": "str"}, total=True)


class GroupStateRow(_GroupStateRowWords):
    """A group changed its state or generation."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    generation: int
    """The generation, or the group epoch of a consumer group."""
    group: str
    """The group id."""
    kind: Literal["group_state"]
    to: str
    """The state after."""
    why: str
    """The reason."""


class _GroupViewRequired(TypedDict):
    generation: int
    """The generation of a classic group, or the group epoch of another one."""
    id: str
    """The group id."""
    kind: str
    """`classic`, `consumer` (KIP-848), `share` (KIP-932) or `streams` (KIP-1071)."""
    members: List[MemberView]
    """The members."""
    offsets: List[OffsetView]
    """The committed offsets."""
    state: str
    """The state, such as `Stable` or `Empty`."""


class GroupView(_GroupViewRequired, total=False):
    """A group; one without members may still have committed offsets."""

    coordinator: Union[int, None]
    """The id of the node that coordinates the group, if there is one."""
    protocol: Union[str, None]
    """The assignor that all members agreed on, if any."""
    share_partitions: List[SharePartitionView]
    """The partitions of a share group (KIP-932) of which anything is known."""
    share_records: List[ShareRecordsView]
    """The records of a share group from its start offsets on that have been delivered, or are done with."""
    tasks: List[TaskView]
    """The tasks of a streams group (KIP-1071)."""


class _GroupWithCommitsRequired(TypedDict):
    generation: int
    """The generation of a classic group, or the group epoch of another one."""
    id: str
    """The group id."""
    kind: str
    """`classic`, `consumer` (KIP-848), `share` (KIP-932) or `streams` (KIP-1071)."""
    members: List[MemberView]
    """The members."""
    offsets: List[OffsetView]
    """The committed offsets."""
    state: str
    """The state, such as `Stable` or `Empty`."""
    commits: List[CommitView]
    """The latest commits, oldest first."""


class GroupWithCommits(_GroupWithCommitsRequired, total=False):
    """A group and its latest commits."""

    coordinator: Union[int, None]
    """The id of the node that coordinates the group, if there is one."""
    protocol: Union[str, None]
    """The assignor that all members agreed on, if any."""
    share_partitions: List[SharePartitionView]
    """The partitions of a share group (KIP-932) of which anything is known."""
    share_records: List[ShareRecordsView]
    """The records of a share group from its start offsets on that have been delivered, or are done with."""
    tasks: List[TaskView]
    """The tasks of a streams group (KIP-1071)."""


class _HeaderRequired(TypedDict):
    key: str
    """The key."""


class Header(_HeaderRequired, total=False):
    """A record's header."""

    value: Union[Data, None]


class Health(TypedDict):
    """Whether the cluster is ready for clients."""

    nodes: List[NodeHealth]
    """The nodes, by id."""
    ready: bool
    """Every running node accepts connections, and everything the cluster starts with is there."""


class Held(TypedDict):
    """Whether something is held back."""

    held: bool
    """`true` to hold it back, `false` to let it go on."""


class InSync(TypedDict):
    """Whether a replica is in sync."""

    in_sync: bool
    """Whether its replica is in sync."""
    node: int
    """The node id."""


class JournalFilter(TypedDict, total=False):
    """Conditions that a row of the journal must all meet."""

    kind: str
    """The kind of row, such as `request`, `group_state` or `leader_moved`."""
    api: Api
    """The API of a request, by Kafka's name, such as `Produce`."""
    client_id: str
    """The client id."""
    principal: str
    """The client's principal: `User:alice`, or `User:ANONYMOUS` before it has logged in."""
    connection: int
    """The connection's number."""
    node: int
    """The node id."""
    topic: str
    """The topic."""
    partition: int
    """The partition."""
    group: str
    """The group id."""
    member: str
    """The member id or group instance id."""
    transactional_id: str
    """The transactional id."""
    producer_id: int
    """The producer id."""
    error: str
    """An error in the response, by Kafka's name or number."""
    failed: bool
    """Whether the response contains any error."""
    applied: Applied
    """How much of the request was carried out, whatever its client was told: `yes`, `partly` or `no`."""
    rule: str
    """The name of the fault rule that acted on the request."""
    after: int
    """A row's number: only rows after it are selected."""


class KafkaError(TypedDict):
    """An error of Kafka's protocol."""

    code: int
    """The number, such as 36."""
    message: str
    """The message, such as `Topic 'orders' already exists.`"""
    name: str
    """The name, such as `TOPIC_ALREADY_EXISTS`."""


class KeysFetchedRow(TypedDict):
    """Keys that tokens are checked with came over HTTP, in the place of those before them."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    keys: int
    """The number of keys."""
    kind: Literal["keys_fetched"]
    left_out: int
    """How many more there were that cannot be used."""
    url: str
    """Where they came from."""


class KeysNotFetchedRow(TypedDict):
    """Such keys did not come. Tokens are checked with those before."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    kind: Literal["keys_not_fetched"]
    url: str
    """Where they were to come from."""
    why: str
    """The reason."""


class KnownProducer(TypedDict, total=False):
    """An idempotent producer to forget."""

    producer_id: Union[int, None]
    """The producer id. Default: all producers."""


_LeaderMovedRowWords = TypedDict("_LeaderMovedRowWords", {"from": "Union[int, None]"}, total=False)


class _LeaderMovedRowRequired(_LeaderMovedRowWords):
    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    kind: Literal["leader_moved"]
    leader_epoch: int
    """The leader epoch."""
    partition: int
    """The partition."""
    topic: str
    """The topic."""


class LeaderMovedRow(_LeaderMovedRowRequired, total=False):
    """A partition has a new leader, or none."""

    to: Union[int, None]
    """The id of the leader after, if there is one."""


class ListenerView(TypedDict):
    """A listener of a node."""

    address: str
    """Where clients on this host that come by it are told to reach the node."""
    name: str
    """The name."""
    protocol: str
    """`PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`: what clients set as `security.protocol`."""


_LogStartMovedRowWords = TypedDict("_LogStartMovedRowWords", {"from": "int"}, total=True)


class LogStartMovedRow(_LogStartMovedRowWords):
    """Records at the start of a partition were deleted."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    kind: Literal["log_start_moved"]
    partition: int
    """The partition."""
    to: int
    """The start offset after."""
    topic: str
    """The topic."""


_LogTruncatedRowWords = TypedDict("_LogTruncatedRowWords", {"from": "int"}, total=True)


class LogTruncatedRow(_LogTruncatedRowWords):
    """Records at the end of a partition were lost."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    kind: Literal["log_truncated"]
    partition: int
    """The partition."""
    to: int
    """The end offset after."""
    topic: str
    """The topic."""


class _LoggedInRowRequired(TypedDict):
    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    again: bool
    """Whether it had logged in by this connection before."""
    connection: int
    """The connection's number."""
    kind: Literal["logged_in"]
    mechanism: str
    """The mechanism, as Kafka calls it, or `SSL` if its certificate says who it is."""
    node: int
    """The node id."""
    principal: str
    """Who it is, such as `User:alice`."""


class LoggedInRow(_LoggedInRowRequired, total=False):
    """A client logged in, or did so again (KIP-368). Its SaslAuthenticate request has the next row."""

    client_id: Union[str, None]
    """The client id, if a request has named it."""
    session_lifetime_ms: Union[int, None]
    """For how long its session lasts, in milliseconds of the cluster's clock, if it ends."""


class Marker(TypedDict):
    """What ends a transaction in a partition."""

    coordinator_epoch: int
    """The epoch of the coordinator that wrote it."""
    kind: MarkerKind
    """Whether it commits or aborts."""


class _MemberViewRequired(TypedDict):
    assignment: List[TopicPartitionsView]
    """The partitions that are assigned to it."""
    client_host: str
    """The client's address, as Kafka writes it."""
    client_id: str
    """The client id."""
    is_leader: bool
    """Whether it leads a classic group, and assigns the partitions."""
    member_id: str
    """The member id."""


class MemberView(_MemberViewRequired, total=False):
    """A member of a group."""

    epoch: Union[int, None]
    """The member epoch (KIP-848)."""
    instance_id: Union[str, None]
    """The group instance id of a static member."""


class Move(TypedDict, total=False):
    """Where a coordinator moves, and how long it loads there."""

    loading: Union[str, None]
    """How long it responds with COORDINATOR_LOAD_IN_PROGRESS: a duration such as `5s`, or `held` until you release it.
    Default: loading takes no time."""
    node: Union[int, None]
    """The id of the new coordinator. Default: the coordinator stays where it is."""


class _MoveShareRequired(TypedDict):
    partition: int
    """The partition."""
    topic: str
    """The topic."""


class MoveShare(_MoveShareRequired, total=False):
    """A partition of a share group whose share coordinator moves, and how long that one loads."""

    loading: Union[str, None]
    """How long nobody can read or write what it keeps: a duration such as `5s`, or `held` until you release it. Default:
    loading takes no time."""
    node: Union[int, None]
    """The id of the new coordinator. Default: the coordinator stays where it is."""


class Named(TypedDict):
    """A certificate by its name."""

    certificate: str
    """The distinguished name, such as `CN=client,O=Example`. A single word stands for a common name."""


class _NewAccessKeyRequired(TypedDict):
    id: str
    """The access key id."""
    principal: str
    """Whose it is: the ARN of an IAM user, or of a role's session."""
    secret: str
    """The secret access key."""


class NewAccessKey(_NewAccessKeyRequired, total=False):
    """An access key to add."""

    expires_in: Union[str, None]
    """How long the session lasts on the cluster's clock, such as `15m`; without end if you leave it out."""
    session_token: Union[str, None]
    """What requests must carry, if the key is a role session's."""


class NewHeader(TypedDict):
    """A record header to produce."""

    key: str
    """The header's key."""
    value: Data
    """The header's value."""


class _NewLeaderRequired(TypedDict):
    node: int
    """The node id."""


class NewLeader(_NewLeaderRequired, total=False):
    """Which replica becomes the leader."""

    end: Union[int, None]
    """The offset at which the new leader's log ends; only with `unclean`. Default: no records are lost."""
    unclean: bool
    """Whether it becomes the leader even if it is out of sync. The records from `end` on are lost."""


class NewNode(TypedDict, total=False):
    """A node to add."""

    rack: Union[str, None]
    """The node's rack, if it is to have one."""


class _NewOffsetRequired(TypedDict):
    offset: int
    """The offset of the next record that the group reads."""
    partition: int
    """The partition."""
    topic: str
    """The topic."""


class NewOffset(_NewOffsetRequired, total=False):
    """An offset to commit for a partition."""

    metadata: str
    """Any text that is kept with the offset."""


class NewOffsets(TypedDict):
    """Offsets to commit."""

    offsets: List[NewOffset]
    """One offset per partition."""


class _NewPolicyRequired(TypedDict):
    document: str
    """The policy in IAM's JSON, as a text."""


class NewPolicy(_NewPolicyRequired, total=False):
    """A policy."""

    principals: List[str]
    """The ARNs of those who get it, beside those who have it."""


class NewRecord(TypedDict, total=False):
    """A record to produce."""

    headers: List[NewHeader]
    """The headers, in order."""
    key: Union[Data, None]
    partition: Union[int, None]
    """The partition. Default: the one Kafka's Java client picks for the key, or 0 if there is no key."""
    timestamp: Union[int, None]
    """The timestamp in milliseconds since 1970. Default: the cluster's time."""
    value: Union[Data, None]


class _NewRecordsRequired(TypedDict):
    records: List[NewRecord]
    """The records, in order. The records of one partition form one batch."""


class NewRecords(_NewRecordsRequired, total=False):
    """Records to produce."""

    transactional_id: Union[str, None]
    """Produces the records in a transaction with this transactional id and leaves it open: consumers that read committed
    data wait for it. It aborts when it times out after a minute, when it is fenced, or when a producer
    with the same id starts."""


class _NewTopicRequired(TypedDict):
    name: str
    """The topic's name."""


class NewTopic(_NewTopicRequired, total=False):
    """A topic to create."""

    configs: Dict[str, str]
    """Topic configs, such as `cleanup.policy`."""
    partitions: Union[int, None]
    """The number of partitions. Default: the broker's `num.partitions`."""
    replication: Union[int, None]
    """The number of replicas of each partition. Default: the broker's `default.replication.factor`."""


class NewUser(TypedDict):
    """A user to add."""

    name: str
    """The user's name."""
    password: str
    """The user's password."""


class _NodeAddressRequired(TypedDict):
    host: str
    """The host, such as `localhost`."""
    id: int
    """The node id."""
    port: int
    """The port, such as the one a container runtime mapped to the node's listener."""


class NodeAddress(_NodeAddressRequired, total=False):
    """A node's advertised address."""

    listener: Union[str, None]
    """The listener's name. Needed if the cluster has several."""


class NodeHealth(TypedDict):
    """A node's part in that."""

    id: int
    """The node id."""
    listening: bool
    """Whether the node accepts connections."""
    up: bool
    """Whether the node is running. A node that you stopped does not make the cluster unhealthy."""


class NodeStartedRow(TypedDict):
    """A node started."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    kind: Literal["node_started"]
    node: int
    """The node id."""


class NodeState(TypedDict):
    """A node's state."""

    id: int
    """The node id."""
    up: bool
    """Whether the node is running."""


class NodeStoppedRow(TypedDict):
    """A node stopped."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    kind: Literal["node_stopped"]
    node: int
    """The node id."""


class _NodeViewRequired(TypedDict):
    id: int
    """The node id."""
    listeners: List[ListenerView]
    """Its listeners, the first one first."""
    up: bool
    """Whether the node is running."""


class NodeView(_NodeViewRequired, total=False):
    """A node, in brief."""

    address: Union[str, None]
    """Where clients on this host are told to reach it by its first listener."""
    rack: Union[str, None]
    """The node's rack, if it has one."""


class _OffsetViewRequired(TypedDict):
    committed_ms: int
    """When it was committed, in milliseconds since 1970."""
    metadata: str
    """The text that was committed with the offset."""
    offset: int
    """The offset of the next record that the group reads."""
    partition: int
    """The partition."""
    topic: str
    """The topic."""


class OffsetView(_OffsetViewRequired, total=False):
    """An offset that a group has committed."""

    lag: Union[int, None]
    """The number of records from the offset to the high watermark; none if the partition does not exist any more."""


class _PartitionViewRequired(TypedDict):
    adding_replicas: List[int]
    """The replicas that a reassignment in progress adds."""
    high_watermark: int
    """The offset up to which consumers read."""
    in_sync_replicas: List[int]
    """The ids of the in-sync replicas' nodes."""
    last_stable_offset: int
    """The offset up to which consumers of committed data read."""
    leader_epoch: int
    """The leader epoch."""
    log_end_offset: int
    """The offset that the next record gets."""
    log_start_offset: int
    """The offset of the first record."""
    partition: int
    """The index."""
    producers: List[ProducerView]
    """The idempotent and transactional producers that the partition remembers."""
    removing_replicas: List[int]
    """The replicas that a reassignment in progress removes."""
    replicas: List[int]
    """The ids of the replicas' nodes; the first is the preferred leader."""
    size_bytes: int
    """The size as Kafka reports it: the sum of its segments' files."""


class PartitionView(_PartitionViewRequired, total=False):
    """A partition."""

    leader: Union[int, None]
    """The id of the leader, if there is one."""


class PartitionsAddedRow(TypedDict):
    """Partitions were added to a topic."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    kind: Literal["partitions_added"]
    partitions: int
    """The number of partitions."""
    topic: str
    """The topic."""


class PolicyView(TypedDict):
    """A policy of IAM's, and who has it."""

    document: str
    """The policy itself, in IAM's JSON."""
    name: str
    """The name."""
    principals: List[str]
    """The ARNs of those who have it."""


class Produced(TypedDict):
    """Where the records were written."""

    records: List[RecordPlace]
    """One place per record, in the order of the request."""


class _ProducerViewRequired(TypedDict):
    coordinator_epoch: int
    """The epoch of the coordinator that wrote its last marker; -1 before the first."""
    last_sequence: int
    """The sequence number of its last record; -1 if none is remembered."""
    last_timestamp: int
    """The timestamp of its last batch."""
    producer_epoch: int
    """The producer epoch."""
    producer_id: int
    """The producer id."""


class ProducerView(_ProducerViewRequired, total=False):
    """What a partition remembers of a producer."""

    transaction_start_offset: Union[int, None]
    """The offset at which its open transaction starts, if it has one."""


class _RecordRequired(TypedDict):
    leader_epoch: int
    """The leader epoch in which it was written."""
    offset: int
    """The offset."""
    timestamp: int
    """The timestamp in milliseconds since 1970: the producer's or the broker's, as the topic's config says."""


class Record(_RecordRequired, total=False):
    """A record in the log, or a transaction marker."""

    headers: List[Header]
    """The headers, in order."""
    key: Union[Data, None]
    marker: Union[Marker, None]
    producer_epoch: Union[int, None]
    """The producer epoch."""
    producer_id: Union[int, None]
    """The id of the producer, if it is idempotent or transactional."""
    sequence: Union[int, None]
    """The sequence number."""
    transaction: Union[Fate, None]
    value: Union[Data, None]


class RecordPlace(TypedDict):
    """Where a record was written."""

    offset: int
    """The offset in the partition."""
    partition: int
    """The partition."""


class RecordingBeganRow(TypedDict):
    """A recording of the cluster began, for which every coordinator loaded again."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    kind: Literal["recording_began"]


class _RefusedRequired(TypedDict):
    error: str
    """What is wrong, and how to fix it."""


class Refused(_RefusedRequired, total=False):
    """Why a request failed."""

    kafka: Union[KafkaError, None]


class Report(TypedDict):
    """What somebody needs to know of a cluster when a test fails."""

    journal: List[str]
    """The last 20 rows of the journal, oldest first, in words."""
    rules: List[str]
    """All fault rules, and how often they have acted, in words."""
    seed: int
    """The seed. A cluster with the same seed does the same."""
    unmet: List[str]
    """The fault rules that have not acted as often as they were expected to, in words. A test that leaves some has failed."""


class _RequestRowRequired(TypedDict):
    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    outcome: Literal["answered", "unanswered", "disconnected", "abandoned"]
    """`answered`: there was a response, perhaps with errors. `unanswered`: it expects none (Produce with `acks=0`). `disconnected`: the broker closed the connection instead of answering; `applied` says whether the request was carried out before. `abandoned`: the connection was gone before there was a response, or a rule swallowed it."""
    api: str
    """The API."""
    applied: Applied
    """How much of it was carried out, by the broker's own answer, whether or not the client got that."""
    client_id: str
    """The client id."""
    connection: int
    """The connection's number."""
    correlation_id: int
    """The correlation id."""
    node: int
    """The node that got the request."""
    principal: str
    """The client's principal: `User:alice`, or `User:ANONYMOUS` if it has not logged in."""
    version: int
    """The API version."""
    waited_ms: int
    """How long the request waited in the broker, in milliseconds by the cluster's clock."""
    kind: Literal["request"]


class RequestRow(_RequestRowRequired, total=False):
    """A request with its outcome, written once that was known."""

    committed: Union[bool, None]
    """Whether EndTxn commits."""
    generation: Union[int, None]
    """The generation or member epoch in the request."""
    groups: List[str]
    """Groups; most requests name one."""
    instance: Union[str, None]
    """The member's group instance id."""
    member: Union[str, None]
    """The member that sends the request, or that is to leave."""
    producer_epoch: Union[int, None]
    """The producer epoch."""
    producer_id: Union[int, None]
    """The producer id."""
    topics: List[TopicKeys]
    """Topics and their partitions."""
    transactional_ids: List[str]
    """Transactional ids; most requests name one."""
    why: str
    """Why the broker closed the connection. Absent otherwise."""
    denied: List[Denied]
    """What the client was denied, and by what: an ACL, or the lack of one."""
    departed: bool
    """Whether the client had closed its side of the connection, or all of it, before the response."""
    errors: List[Failure]
    """The errors in the response."""
    fetched_bytes: Union[int, None]
    """How many bytes of records a Fetch or ShareFetch got: 0 when there was nothing to read."""
    request: Union[Dict[str, Any], None]
    """The whole request, if the journal keeps bodies."""
    response: Union[Dict[str, Any], None]
    """The whole response, if the journal keeps bodies."""
    rule: Union[str, None]
    """The fault rule that acted on the request."""
    software: Union[Software, None]
    throttled_ms: int
    """How long the connection was throttled afterwards, in milliseconds by the cluster's clock."""


class RestoredRow(TypedDict):
    """A snapshot was restored, which was taken at this time. The changes that it made have rows before this one."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    kind: Literal["restored"]
    taken_at_ms: int
    """When it was taken, in milliseconds since 1970 by the cluster's clock."""


class Rows(TypedDict):
    """Rows of the journal."""

    last: int
    """The number of the last row of the whole journal. Pass it as `after` to get the rows that follow."""
    rows: List[Row]
    """The rows, oldest first."""


class Rule(TypedDict, total=False):
    """A fault rule: which requests it matches, which of those it acts on, and what it does to them."""

    after_apply: Actions
    """What to do to the response once the request is done. A list has one action per hit."""
    api: Apis
    """The API of the request: a name, or a list of names. Default: any."""
    before_apply: Actions
    """What to do instead of the request, or before it is done. A list has one action per hit."""
    bytes: Union[ByteAction, None]
    client_id: Union[Pattern, None]
    count: Union[int, None]
    """Act at most this many times."""
    every: Union[int, None]
    """Act on every n-th matching request."""
    expect: Union[Expected, None]
    group: Union[Pattern, None]
    mechanism: Union[Pattern, None]
    member: Union[Pattern, None]
    name: Union[str, None]
    """A name, for messages and the journal."""
    node: Union[int, None]
    """The id of the node that gets the request."""
    nth: Union[int, None]
    """Act from the n-th matching request on; only on that one unless `count`, `every`, `probability` or
    `until_released` says otherwise."""
    observe: bool
    """Only count matching requests."""
    partition: Union[int, None]
    """A partition in the request."""
    principal: Union[Pattern, None]
    probability: Union[float, None]
    """Act with this probability, decided by the cluster's seed: 0.1 is one request in ten."""
    software: Union[Pattern, None]
    to: Union[Towards, None]
    topic: Union[Pattern, None]
    transactional_id: Union[Pattern, None]
    unchecked: bool
    """Allow errors that Kafka never gives for the API."""
    until_released: bool
    """Act until the rule is released."""


class Scope(TypedDict, total=False):
    """How much to reset."""

    only: Union[List[Kind], None]
    """What to reset. Default: everything."""


class ServedCertificate(TypedDict):
    """A certificate that a node serves with; from `Broker::served_certificates`."""

    has_expired: bool
    """Whether it has expired, by the cluster's clock or because a test had it expire."""
    listener: str
    """The name of the listener."""
    names: List[str]
    """The names and addresses that it is for, each after its kind: `DNS:localhost`, `IP:127.0.0.1`."""
    node: int
    """The node id."""
    not_after_ms: int
    """Until when it is valid, in milliseconds since 1970."""
    subject: str
    """The distinguished name."""


class Sessions(TypedDict):
    """What was expired."""

    sessions: int
    """The number of sessions."""


class _SharePartitionViewRequired(TypedDict):
    partition: int
    """The partition."""
    topic: str
    """The topic."""


class SharePartitionView(_SharePartitionViewRequired, total=False):
    """A partition of a share group (KIP-932): as the node that serves it knows it, or as it is written down while none does."""

    coordinator: Union[int, None]
    """The id of the node that keeps what is written down of it: its share coordinator."""
    lag: Union[int, None]
    """How many records up to the high watermark are not done with; none without a start offset."""
    leader: Union[int, None]
    """The id of the node that serves it to members; none before one of them has fetched."""
    start_offset: Union[int, None]
    """The first offset that is not done with; none before the group has begun in this partition."""


class _ShareRecordsViewRequired(TypedDict):
    deliveries: int
    """How often they were delivered."""
    first_offset: int
    """The first record's offset."""
    last_offset: int
    """The last record's offset."""
    partition: int
    """The partition."""
    state: str
    """The state: `available`, `acquired`, `acknowledged`, `archiving` while they are on their way to a dead-letter topic, or
    `archived`."""
    topic: str
    """The topic."""


class ShareRecordsView(_ShareRecordsViewRequired, total=False):
    """Records of a share partition that are alike: they have been delivered, or are done with."""

    lock_left_ms: Union[int, None]
    """How long their lock still holds, in milliseconds by the cluster's clock."""
    locked_until_ms: Union[int, None]
    """When their lock ends, in milliseconds since the cluster started, by its clock."""
    member: Union[str, None]
    """The member that has them."""


class SharedPartition(TypedDict):
    """A partition of a share group."""

    partition: int
    """The partition."""
    topic: str
    """The topic."""


class SnapshotView(TypedDict):
    """A snapshot, in brief."""

    name: str
    """The name."""
    nodes: int
    """The number of nodes."""
    record_bytes: int
    """The size of the records in bytes."""
    taken_at_ms: int
    """The cluster's time when it was taken, in milliseconds since 1970."""
    topics: int
    """The number of topics."""


class Software(TypedDict):
    """A client's software (KIP-511)."""

    name: str
    """The name, such as `apache-kafka-java`."""
    version: str
    """The version."""


class Start(TypedDict, total=False):
    """A recording to start."""

    file: Union[str, None]
    """The path of the file, on the cluster's machine. Default: a temporary file, which is deleted with the cluster or with the
    next recording."""
    force: bool
    """Whether to overwrite the file if it exists."""
    max_bytes: Union[int, None]
    """The maximum size of the file in bytes. The recording ends there, and the cluster goes on. Default: 1 GiB."""
    reset: bool
    """Whether to reset the cluster first."""


class _StatusRequired(TypedDict):
    bytes: int
    """The size of the file so far, compressed."""
    file: str
    """The path of the file, on the cluster's machine."""
    inputs: int
    """The number of inputs: requests, commands, and moments at which something was due."""
    running: bool
    """Whether it is running."""


class Status(_StatusRequired, total=False):
    """A recording of a running cluster: the running one, or the last one."""

    ended: Union[str, None]
    """Why it ended by itself, if it did: its size, or a full disk."""


class _TaskViewRequired(TypedDict):
    kind: str
    """`active`, `standby` or `warmup`."""
    member_id: str
    """The id of the member."""
    partition: int
    """The partition."""
    state: str
    """`assigned`; `revoking` if the member was told to give it up and has not; `awaited` if the target gives it the task and another
    member still has it, or it has not been told."""
    subtopology: str
    """The id of the subtopology."""


class TaskView(_TaskViewRequired, total=False):
    """A task of a member of a streams group (KIP-1071): a part of the application's topology, for one partition."""

    end_offset: Union[int, None]
    """Where the changelog ends, as the member saw it."""
    lag: Union[int, None]
    """What is missing up to there."""
    offset: Union[int, None]
    """How far its state has come, if the member said so: an offset in the changelog."""


class TasksAssignedRow(TypedDict):
    """A streams group assigned other tasks to a member than before."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    active: List[str]
    """All active tasks that the member is to have, as Kafka Streams writes them: `0_3` is partition 3 of subtopology 0."""
    epoch: int
    """The epoch of the assignment."""
    group: str
    """The group id."""
    kind: Literal["tasks_assigned"]
    member: str
    """The member."""
    standby: List[str]
    """Its standby tasks."""
    topics: List[TopicKeys]
    """The partitions that its active tasks read, by topic."""
    warmup: List[str]
    """Its warm-up tasks."""
    why: str
    """The reason."""


class TopicChanges(TypedDict, total=False):
    """Changes to a topic. Either all of them are made or none."""

    configs: Dict[str, Union[str, None]]
    """Topic configs to set. A config set to `null` returns to its default."""
    partitions: Union[int, None]
    """The new total number of partitions, which must be greater than the current one."""


class TopicCreatedRow(TypedDict):
    """A topic was created."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    kind: Literal["topic_created"]
    partitions: int
    """The number of partitions."""
    topic: str
    """The topic."""


class TopicDeletedRow(TypedDict):
    """A topic was deleted."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    kind: Literal["topic_deleted"]
    topic: str
    """The topic."""


class TopicKeys(TypedDict):
    """A topic and its partitions."""

    partitions: List[int]
    """The partitions; none if the request is about the whole topic."""
    topic: str
    """The topic's name, or its id if there is no topic with that id."""


class TopicPartitionsView(TypedDict):
    """Partitions of a topic."""

    partitions: List[int]
    """The partitions."""
    topic: str
    """The topic."""


class TopicView(TypedDict):
    """A topic."""

    id: str
    """The topic id."""
    internal: bool
    """Whether it is one of Kafka's own, such as `__consumer_offsets`."""
    name: str
    """The name."""
    partitions: List[PartitionView]
    """The partitions, by index."""


_TransactionStateRowWords = TypedDict("_TransactionStateRowWords", {"from": "Union[str, None]"}, total=False)


class TransactionStateRow(_TransactionStateRowWords):
    """A transactional id changed its state or producer."""

    elapsed_ms: int
    """When it happened, in milliseconds since the cluster started, by its clock."""
    sequence: int
    """The row's number; the first is 1."""
    wall_ms: int
    """The cluster's time of day at that moment, in milliseconds since 1970."""
    kind: Literal["transaction_state"]
    producer_epoch: int
    """The producer epoch."""
    producer_id: int
    """The producer id."""
    to: str
    """The state after."""
    transactional_id: str
    """The transactional id."""


class _TransactionViewRequired(TypedDict):
    partitions: List[str]
    """The partitions in the open transaction, as `topic-partition`."""
    producer_epoch: int
    """The producer epoch."""
    producer_id: int
    """The producer id."""
    started_ms: int
    """When the latest transaction started, in milliseconds since 1970; -1 before the first."""
    state: str
    """The state, such as `Ongoing` or `CompleteCommit`."""
    timeout_ms: int
    """The transaction timeout in milliseconds."""
    transactional_id: str
    """The transactional id."""


class TransactionView(_TransactionViewRequired, total=False):
    """A transactional id and its latest transaction."""

    coordinator: Union[int, None]
    """The id of the node that coordinates it, if there is one."""


class User(TypedDict):
    """A user who can log in."""

    mechanisms: List[str]
    """The SASL mechanisms: `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`. AlterUserScramCredentials changes the latter two."""
    name: str
    """The name. The principal is `User:` followed by it."""


class WhichMember(TypedDict):
    """A member of a group."""

    member: str
    """The member id or group instance id."""


class Whose(TypedDict):
    """Whose policy it is."""

    principal: str
    """The ARN of an IAM user, a role or a role's session."""


Action: TypeAlias = Union[Literal["pass"], ErrorAction, DelayAction, ThrottleAction, Literal["hold"], Literal["swallow"], Literal["disconnect"], EditAction]
"""What a rule does to a request or its response."""

ActionEdit: TypeAlias = Dict[str, Any]
"""Change fields of the response: their paths, such as `responses.partitionResponses.baseOffset`, with their new values.
Every element of an array on the path is changed, unless the rule names some."""

Actions: TypeAlias = Union[Action, List[Action]]
"""An action, or a list of actions."""

Advance: TypeAlias = Union[ByMsAdvance, ByAdvance, ToAdvance]
"""How far to move the clock, in one of three forms."""

Api: TypeAlias = Literal["Produce", "Fetch", "ListOffsets", "Metadata", "OffsetCommit", "OffsetFetch", "FindCoordinator", "JoinGroup", "Heartbeat", "LeaveGroup", "SyncGroup", "DescribeGroups", "ListGroups", "SaslHandshake", "ApiVersions", "CreateTopics", "DeleteTopics", "DeleteRecords", "InitProducerId", "OffsetForLeaderEpoch", "AddPartitionsToTxn", "AddOffsetsToTxn", "EndTxn", "WriteTxnMarkers", "TxnOffsetCommit", "DescribeAcls", "CreateAcls", "DeleteAcls", "DescribeConfigs", "AlterConfigs", "AlterReplicaLogDirs", "DescribeLogDirs", "SaslAuthenticate", "CreatePartitions", "CreateDelegationToken", "RenewDelegationToken", "ExpireDelegationToken", "DescribeDelegationToken", "DeleteGroups", "ElectLeaders", "IncrementalAlterConfigs", "AlterPartitionReassignments", "ListPartitionReassignments", "OffsetDelete", "DescribeClientQuotas", "AlterClientQuotas", "DescribeUserScramCredentials", "AlterUserScramCredentials", "DescribeQuorum", "UpdateFeatures", "DescribeCluster", "DescribeProducers", "UnregisterBroker", "DescribeTransactions", "ListTransactions", "ConsumerGroupHeartbeat", "ConsumerGroupDescribe", "ListConfigResources", "DescribeTopicPartitions", "ShareGroupHeartbeat", "ShareGroupDescribe", "ShareFetch", "ShareAcknowledge", "AddRaftVoter", "RemoveRaftVoter", "InitializeShareGroupState", "ReadShareGroupState", "WriteShareGroupState", "DeleteShareGroupState", "ReadShareGroupStateSummary", "StreamsGroupHeartbeat", "StreamsGroupDescribe", "DescribeShareGroupOffsets", "AlterShareGroupOffsets", "DeleteShareGroupOffsets", "StreamsGroupTopologyDescriptionUpdate", "UnregisterController"]
"""The name of an API, as Kafka has it, such as `Produce`."""

Apis: TypeAlias = Union[Api, List[Api]]
"""An API, or a list of APIs."""

Applied: TypeAlias = Literal["no", "partly", "yes"]
"""How much of a request the broker carried out, by its own answer: whether that was sent, changed or lost does not
matter.

A Produce counts as carried out where its records are in the log, even if the answer is an error such as
NOT_ENOUGH_REPLICAS_AFTER_APPEND. A request that only reads counts as well."""

ByteAction: TypeAlias = Union[LatencyByteAction, BandwidthByteAction, SliceByteAction, CorruptByteAction, CutByteAction, Literal["silence"], Literal["refuse"]]
"""What a rule does to the bytes of a connection, in real time."""

Cut: TypeAlias = Literal["close", "reset", "half_close"]
"""How a connection is cut."""

Data: TypeAlias = Union[str, Base64Data]
"""Bytes in JSON."""

Delay: TypeAlias = Union[str, ForDelay]
"""A duration, fixed or varying."""

ErrorCode: TypeAlias = Literal["UNKNOWN_SERVER_ERROR", "OFFSET_OUT_OF_RANGE", "CORRUPT_MESSAGE", "UNKNOWN_TOPIC_OR_PARTITION", "INVALID_FETCH_SIZE", "LEADER_NOT_AVAILABLE", "NOT_LEADER_OR_FOLLOWER", "REQUEST_TIMED_OUT", "BROKER_NOT_AVAILABLE", "REPLICA_NOT_AVAILABLE", "MESSAGE_TOO_LARGE", "STALE_CONTROLLER_EPOCH", "OFFSET_METADATA_TOO_LARGE", "NETWORK_EXCEPTION", "COORDINATOR_LOAD_IN_PROGRESS", "COORDINATOR_NOT_AVAILABLE", "NOT_COORDINATOR", "INVALID_TOPIC_EXCEPTION", "RECORD_LIST_TOO_LARGE", "NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS_AFTER_APPEND", "INVALID_REQUIRED_ACKS", "ILLEGAL_GENERATION", "INCONSISTENT_GROUP_PROTOCOL", "INVALID_GROUP_ID", "UNKNOWN_MEMBER_ID", "INVALID_SESSION_TIMEOUT", "REBALANCE_IN_PROGRESS", "INVALID_COMMIT_OFFSET_SIZE", "TOPIC_AUTHORIZATION_FAILED", "GROUP_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED", "INVALID_TIMESTAMP", "UNSUPPORTED_SASL_MECHANISM", "ILLEGAL_SASL_STATE", "UNSUPPORTED_VERSION", "TOPIC_ALREADY_EXISTS", "INVALID_PARTITIONS", "INVALID_REPLICATION_FACTOR", "INVALID_REPLICA_ASSIGNMENT", "INVALID_CONFIG", "NOT_CONTROLLER", "INVALID_REQUEST", "UNSUPPORTED_FOR_MESSAGE_FORMAT", "POLICY_VIOLATION", "OUT_OF_ORDER_SEQUENCE_NUMBER", "DUPLICATE_SEQUENCE_NUMBER", "INVALID_PRODUCER_EPOCH", "INVALID_TXN_STATE", "INVALID_PRODUCER_ID_MAPPING", "INVALID_TRANSACTION_TIMEOUT", "CONCURRENT_TRANSACTIONS", "TRANSACTION_COORDINATOR_FENCED", "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "SECURITY_DISABLED", "OPERATION_NOT_ATTEMPTED", "KAFKA_STORAGE_ERROR", "LOG_DIR_NOT_FOUND", "SASL_AUTHENTICATION_FAILED", "UNKNOWN_PRODUCER_ID", "REASSIGNMENT_IN_PROGRESS", "DELEGATION_TOKEN_AUTH_DISABLED", "DELEGATION_TOKEN_NOT_FOUND", "DELEGATION_TOKEN_OWNER_MISMATCH", "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", "DELEGATION_TOKEN_AUTHORIZATION_FAILED", "DELEGATION_TOKEN_EXPIRED", "INVALID_PRINCIPAL_TYPE", "NON_EMPTY_GROUP", "GROUP_ID_NOT_FOUND", "FETCH_SESSION_ID_NOT_FOUND", "INVALID_FETCH_SESSION_EPOCH", "LISTENER_NOT_FOUND", "TOPIC_DELETION_DISABLED", "FENCED_LEADER_EPOCH", "UNKNOWN_LEADER_EPOCH", "UNSUPPORTED_COMPRESSION_TYPE", "STALE_BROKER_EPOCH", "OFFSET_NOT_AVAILABLE", "MEMBER_ID_REQUIRED", "PREFERRED_LEADER_NOT_AVAILABLE", "GROUP_MAX_SIZE_REACHED", "FENCED_INSTANCE_ID", "ELIGIBLE_LEADERS_NOT_AVAILABLE", "ELECTION_NOT_NEEDED", "NO_REASSIGNMENT_IN_PROGRESS", "GROUP_SUBSCRIBED_TO_TOPIC", "INVALID_RECORD", "UNSTABLE_OFFSET_COMMIT", "THROTTLING_QUOTA_EXCEEDED", "PRODUCER_FENCED", "RESOURCE_NOT_FOUND", "DUPLICATE_RESOURCE", "UNACCEPTABLE_CREDENTIAL", "INCONSISTENT_VOTER_SET", "INVALID_UPDATE_VERSION", "FEATURE_UPDATE_FAILED", "PRINCIPAL_DESERIALIZATION_FAILURE", "SNAPSHOT_NOT_FOUND", "POSITION_OUT_OF_RANGE", "UNKNOWN_TOPIC_ID", "DUPLICATE_BROKER_REGISTRATION", "BROKER_ID_NOT_REGISTERED", "INCONSISTENT_TOPIC_ID", "INCONSISTENT_CLUSTER_ID", "TRANSACTIONAL_ID_NOT_FOUND", "FETCH_SESSION_TOPIC_ID_ERROR", "INELIGIBLE_REPLICA", "NEW_LEADER_ELECTED", "OFFSET_MOVED_TO_TIERED_STORAGE", "FENCED_MEMBER_EPOCH", "UNRELEASED_INSTANCE_ID", "UNSUPPORTED_ASSIGNOR", "STALE_MEMBER_EPOCH", "MISMATCHED_ENDPOINT_TYPE", "UNSUPPORTED_ENDPOINT_TYPE", "UNKNOWN_CONTROLLER_ID", "UNKNOWN_SUBSCRIPTION_ID", "TELEMETRY_TOO_LARGE", "INVALID_REGISTRATION", "TRANSACTION_ABORTABLE", "INVALID_RECORD_STATE", "SHARE_SESSION_NOT_FOUND", "INVALID_SHARE_SESSION_EPOCH", "FENCED_STATE_EPOCH", "INVALID_VOTER_KEY", "DUPLICATE_VOTER", "VOTER_NOT_FOUND", "INVALID_REGULAR_EXPRESSION", "REBOOTSTRAP_REQUIRED", "STREAMS_INVALID_TOPOLOGY", "STREAMS_INVALID_TOPOLOGY_EPOCH", "STREAMS_TOPOLOGY_FENCED", "SHARE_SESSION_LIMIT_REACHED", "GROUP_DELETION_FAILED", "STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED", "CONTROLLER_ID_NOT_REGISTERED"]
"""The name of an error, as Kafka has it, such as `NOT_LEADER_OR_FOLLOWER`."""

Expected: TypeAlias = Union[int, AtLeastExpected]
"""A number of times, or its bounds."""

Fate: TypeAlias = Literal["open", "committed", "aborted"]
"""The state of a transaction."""

FaultState: TypeAlias = Literal["active", "spent", "ended"]
"""Whether a fault rule still acts."""

Kind: TypeAlias = Literal["topics", "groups", "transactions", "configs", "faults", "journal"]
"""What a reset can be limited to."""

MarkerKind: TypeAlias = Literal["abort", "commit"]
"""How a transaction ended."""

Operation: TypeAlias = Literal["All", "Read", "Write", "Create", "Delete", "Alter", "Describe", "ClusterAction", "DescribeConfigs", "AlterConfigs", "IdempotentWrite", "CreateTokens", "DescribeTokens", "TwoPhaseCommit"]
"""What an ACL allows or denies."""

Pattern: TypeAlias = str
"""A name. `*` matches any characters, `?` matches one, and a backslash takes the next character literally."""

PatternType: TypeAlias = Literal["Literal", "Prefixed"]
"""Which names an ACL is about."""

Permission: TypeAlias = Literal["Deny", "Allow"]
"""Whether an ACL allows or denies."""

RecordingBytes: TypeAlias = str
"""The contents of a recording's file."""

ResourceType: TypeAlias = Literal["Topic", "Group", "Cluster", "TransactionalId", "DelegationToken", "User"]
"""What an ACL is about."""

Row: TypeAlias = Union[RequestRow, ConnectionOpenedRow, ConnectionClosedRow, GroupStateRow, AssignedRow, TasksAssignedRow, TransactionStateRow, LeaderMovedRow, CoordinatorMovedRow, AcquisitionExpiredRow, DeliveriesExhaustedRow, DeadLetteredRow, LoggedInRow, KeysFetchedRow, KeysNotFetchedRow, NodeStoppedRow, NodeStartedRow, AdvertisedRow, CertificateExpiredRow, CertificateRenewedRow, RestoredRow, RecordingBeganRow, AclAddedRow, AclRemovedRow, TopicCreatedRow, PartitionsAddedRow, TopicDeletedRow, LogStartMovedRow, LogTruncatedRow]
"""A row of the journal."""

SnapshotBytes: TypeAlias = str
"""The contents of a snapshot's file."""

Target: TypeAlias = Literal["next"]
"""A moment to move the clock to."""

Towards: TypeAlias = Literal["broker", "client"]
"""The direction of bytes."""
