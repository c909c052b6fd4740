import { Clock } from './clock.js';
import { type Arguments, Control, type Output, type Verb } from './control.js';
import { ExpectationError } from './errors.js';
import { type Fault, Faults } from './faults.js';
import { Journal } from './journal.js';
import type { ClusterOptions } from './options.js';
import { Program } from './program.js';
import { reportText } from './report.js';
import { Settings } from './settings.js';
import type { ClusterView, FaultRule, NewRecord, RecordPlace, Report, ResetKind, StoredRecord } from './types.js';
import { Groups, Nodes, Snapshots, Topics, Transactions } from './verbs.js';

const ALL = 2 ** 31 - 1;

export interface RecordsOptions {
  /** Only this partition. Default: all, one after another. */
  partition?: number;
  /** The first offset. Default: the start of the log. */
  from?: number;
  /** At most so many of each partition. Default: all. */
  max?: number;
  /** Only what consumers with `read_committed` get: nothing of open or aborted transactions. */
  committed?: boolean;
}

export interface ProduceOptions {
  /** Produces in a transaction of this id, and leaves it open. */
  transactionalId?: string;
}

/** A running cluster. */
export class Cluster {
  readonly #program: Program;
  readonly #control: Control;
  #lastReport: Report | undefined;
  #stopping: Promise<void> | undefined;

  /** The bootstrap servers: `host:port`, with commas between them. */
  readonly bootstrap: string;
  /** The bootstrap servers, one by one. */
  readonly brokers: string[];
  /** The control port's address, such as `http://127.0.0.1:9700`. */
  readonly controlUrl: string;
  /** What decided every random choice. A cluster with the same seed does the same. */
  readonly seed: number;
  /** All that the READY line says, such as where the certificates are. */
  readonly ready: Readonly<Record<string, string>>;
  /** Settings for client libraries. */
  readonly settings: Settings;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly topics: Topics;
  readonly groups: Groups;
  readonly nodes: Nodes;
  readonly transactions: Transactions;
  readonly snapshots: Snapshots;

  private constructor(program: Program, token: string | undefined) {
    this.#program = program;
    this.ready = program.ready;
    this.bootstrap = program.ready['bootstrap']!;
    this.brokers = this.bootstrap.split(',');
    this.controlUrl = program.ready['control']!;
    this.seed = Number(program.ready['seed']);
    const control = new Control(this.controlUrl, token, () => program.failure());
    this.#control = control;
    this.settings = new Settings(this.brokers);
    this.faults = new Faults(control);
    this.clock = new Clock(control);
    this.journal = new Journal(control);
    this.topics = new Topics(control);
    this.groups = new Groups(control);
    this.nodes = new Nodes(control);
    this.transactions = new Transactions(control);
    this.snapshots = new Snapshots(control);
  }

  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const token = { ...process.env, ...options.env }['FAUXKA_CONTROL_TOKEN'];
    return new Cluster(await Program.start(options), token || undefined);
  }

  /** The program's process id. */
  get pid(): number {
    return this.#program.pid;
  }

  /** The end of what the program has logged, at most 64 KiB. */
  get log(): string {
    return this.#program.log;
  }

  /** Mounts a fault rule: `await cluster.fault({ api: 'Produce', topic: 'orders', nth: 2, after: 'disconnect', expect: 1 })`. */
  fault(rule: FaultRule): Promise<Fault> {
    return this.faults.mount(rule);
  }

  /** The records of a topic, without transaction markers: partition by partition, in order. */
  async records(topic: string, options: RecordsOptions = {}): Promise<StoredRecord[]> {
    const { partition, from, max = ALL, committed = false } = options;
    const partitions = partition === undefined ? (await this.topics.show(topic)).partitions.map((view) => view.partition) : [partition];
    const found: StoredRecord[] = [];
    for (const index of partitions) {
      const input = { path: { topic, partition: index }, query: { from, max } };
      const { records } = await this.#control.request('GET /v1/topics/{topic}/{partition}/records', input);
      found.push(...records.map((record) => ({ ...record, partition: index })));
    }
    return found.filter((record) => !record.marker && !(committed && record.transaction && record.transaction !== 'committed'));
  }

  /** Writes records: values, or all that there is to say of each. */
  async produce(topic: string, records: (string | NewRecord)[], options: ProduceOptions = {}): Promise<RecordPlace[]> {
    const body = {
      records: records.map((record) => (typeof record === 'string' ? { value: record } : record)),
      transactional_id: options.transactionalId,
    };
    return (await this.#control.request('POST /v1/topics/{topic}/records', { path: { topic }, body })).records;
  }

  /** The cluster and its nodes. */
  show(): Promise<ClusterView> {
    return this.#control.request('GET /v1/cluster');
  }

  /** Numbers, in the format of Prometheus. */
  metrics(): Promise<string> {
    return this.#control.request('GET /metrics');
  }

  /** Makes the cluster what it was at its start, or parts of it. Rules go, and with them what they expected: `verify` first. */
  reset(options: { only?: ResetKind[] } = {}): Promise<void> {
    return this.#control.request('POST /v1/reset', { body: options });
  }

  /** Any verb of the control port: `await cluster.request('POST /v1/topics/{topic}/recreate', { path: { topic: 'orders' } })`. */
  request<V extends Verb>(verb: V, ...input: Arguments<V>): Promise<Output<V>> {
    return this.#control.request(verb, ...input);
  }

  /** What a failed test should show. A cluster that was stopped tells what it was like then. */
  async report(): Promise<Report> {
    return this.#lastReport ?? this.#control.request('GET /v1/report');
  }

  /** Throws an ExpectationError if a fault rule has not acted as often as it was expected to. */
  async verify(): Promise<void> {
    const report = await this.report();
    if (report.unmet.length) throw new ExpectationError(reportText(report));
  }

  /** Stops the cluster. Stopped twice, it stays stopped. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Verifies and stops the cluster, at the end of a block with `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.verify();
    } finally {
      await this.stop();
    }
  }

  async #stop(): Promise<void> {
    // Of one that has crashed there is none, and the next request for it says so.
    this.#lastReport = await this.report().catch(() => undefined);
    this.#control.close();
    await this.#program.stop();
  }
}
