/** How a cluster is to be. Without options it has one node, no topics, and the system's clock. */
export interface ClusterOptions {
  /** The number of nodes. Default: 1. */
  nodes?: number;
  /** Topics that exist from the start, and again after a reset: `orders`, `orders:3`, `orders:3:2`, or their parts. */
  topics?: (string | TopicOption)[];
  /** What moves time: the system's clock, or `cluster.clock.advance`. Default: `real`. */
  clock?: 'real' | 'manual';
  /** Decides every random choice. Default: a new one each time. */
  seed?: number;
  /** Properties of Kafka's brokers, such as `{ 'auto.create.topics.enable': false }`. */
  config?: Record<string, string | number | boolean>;
  /** A description of the cluster, in TOML: its nodes, settings, topics, records, offsets, users and fault rules. */
  file?: string;
  /** What the program logs, such as `warn` or `fauxka=debug`; `cluster.log` has it. Default: `info`. */
  log?: string;
  /** Further arguments: `fauxka --help` lists them. */
  args?: string[];
  /** Variables for the program's environment, beside those of this process. */
  env?: Record<string, string>;
  /** The program. Default: what FAUXKA_BINARY names, else the one that this package comes with, else one on the PATH. */
  binary?: string;
  /** How many milliseconds to wait until the cluster is ready. Default: 20,000. */
  readyTimeout?: number;
}

export interface TopicOption {
  name: string;
  partitions?: number;
  /** The number of replicas. It takes `partitions` too. */
  replication?: number;
}

/** The arguments for the program. */
export function commandLine(options: ClusterOptions): string[] {
  const given = new Set((options.args ?? []).map((arg) => arg.split('=', 1)[0]));
  const args = ['--exit-with-parent'];
  if (!given.has('--listen') && !given.has('--listener')) args.push('--listen', '127.0.0.1:0');
  if (!given.has('--control')) args.push('--control', '127.0.0.1:0');
  if (options.file !== undefined) args.push('--file', options.file);
  if (options.nodes !== undefined) args.push('--nodes', String(options.nodes));
  if (options.clock !== undefined) args.push('--clock', options.clock);
  if (options.seed !== undefined) args.push('--seed', String(options.seed));
  if (options.log !== undefined) args.push('--log', options.log);
  for (const topic of options.topics ?? []) args.push('--topic', topicArgument(topic));
  for (const [key, value] of Object.entries(options.config ?? {})) args.push('--config', `${key}=${value}`);
  return [...args, ...(options.args ?? [])];
}

function topicArgument(topic: string | TopicOption): string {
  if (typeof topic === 'string') return topic;
  const { name, partitions, replication } = topic;
  if (replication !== undefined && partitions === undefined) throw new TypeError(`topic ${name}: replication needs partitions too`);
  return [name, partitions, replication].filter((part) => part !== undefined).join(':');
}
