export { Cluster, type ProduceOptions, type RecordsOptions } from './cluster.js';
export type { AdvanceOptions, Clock } from './clock.js';
export type { Arguments, Input, Output, Verb } from './control.js';
export { ClusterError, ControlError, ExpectationError } from './errors.js';
export type { Fault, Faults } from './faults.js';
export { type TestBody, type TestContext, withCluster } from './fixture.js';
export type { Journal, WaitOptions } from './journal.js';
export type { ClusterOptions, TopicOption } from './options.js';
export { reportText } from './report.js';
export type { Settings } from './settings.js';
export type { components, operations, paths } from './generated.js';
export type * from './types.js';
export type { Groups, Nodes, Snapshots, Topics, Transactions } from './verbs.js';

import { Cluster } from './cluster.js';
import type { ClusterOptions } from './options.js';

/** Starts a cluster on free ports. It ends with `stop()`, with its `await using` block, and with this process at the latest. */
export function start(options: ClusterOptions = {}): Promise<Cluster> {
  return Cluster.start(options);
}
