// The words of the control port. Fields have its names; see broker/docs/control.md.
import type { components, operations } from './generated.js';

type Schemas = components['schemas'];

/** The name of an API, as Kafka has it, such as `Produce`. */
export type Api = Schemas['Api'];
/** The name of an error, as Kafka has it, such as `NOT_LEADER_OR_FOLLOWER`. */
export type ErrorCode = Schemas['ErrorCode'];
export type Action = Schemas['Action'];
export type Actions = Schemas['Actions'];
export type ByteAction = Schemas['ByteAction'];
export type Expected = Schemas['Expected'];
export type FaultView = Schemas['FaultView'];
export type ClockView = Schemas['ClockView'];
export type Advanced = Schemas['Advanced'];
export type ClusterView = Schemas['ClusterView'];
export type TopicView = Schemas['TopicView'];
export type NewTopic = Schemas['NewTopic'];
export type TopicChanges = Schemas['TopicChanges'];
export type NewRecord = Schemas['NewRecord'];
export type RecordPlace = Schemas['RecordPlace'];
export type GroupView = Schemas['GroupView'];
export type GroupWithCommits = Schemas['GroupWithCommits'];
export type NewOffset = Schemas['NewOffset'];
export type NodeState = Schemas['NodeState'];
export type NewNode = Schemas['NewNode'];
export type TransactionView = Schemas['TransactionView'];
export type SnapshotView = Schemas['SnapshotView'];
export type Report = Schemas['Report'];
export type ResetKind = Schemas['Kind'];
export type KafkaError = Schemas['KafkaError'];
/** A row of the journal. Its `kind` says which fields it has. */
export type Row = Schemas['Row'];
export type RequestRow = Extract<Row, { kind: 'request' }>;

/** A record, and the partition that it is in. */
export type StoredRecord = Schemas['Record'] & { partition: number };

/** A duration: milliseconds, or text such as `45s` or `1m 30s`. */
export type Duration = number | string;

/** A fault rule: which requests it selects, on which of them it acts, and what it does. See broker/docs/faults.md. */
export interface FaultRule extends Omit<Schemas['Rule'], 'before_apply' | 'after_apply'> {
  /** What to do instead of the request, or before it is carried out. A list has one action per hit. */
  before?: Actions;
  /** What to do to the answer once the request has been carried out. A list has one action per hit. */
  after?: Actions;
  /** The control port's name of `before`. */
  before_apply?: Actions;
  /** The control port's name of `after`. */
  after_apply?: Actions;
}

type Conditions = NonNullable<operations['wait_for_journal']['parameters']['query']>;

/** Conditions that a row of the journal must all meet. */
export interface JournalFilter extends Omit<Conditions, 'kind' | 'api' | 'error' | 'applied' | 'count' | 'timeout'> {
  /** The kind of row, such as `request` or `group_state`. */
  kind?: Row['kind'];
  /** The API of a request. */
  api?: Api;
  /** An error in the answer. */
  error?: ErrorCode | 'NONE' | (string & {});
  /** How much of the request was carried out, whatever its client was told. */
  applied?: Schemas['Applied'];
}

/** The rows that a filter selects. */
export type RowOf<F> = F extends { kind: infer K extends Row['kind'] } ? Extract<Row, { kind: K }> : F extends { api: Api } ? RequestRow : Row;
