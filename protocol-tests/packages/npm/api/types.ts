// Compiled, not run: what the types promise, and what they refuse.
import { type Cluster, type RequestRow, start } from 'fauxka';
import { clusterPerTest as forJest } from 'fauxka/jest';
import { clusterPerTest as forNode } from 'fauxka/node-test';
import { Kafka } from 'kafkajs';

export async function types(cluster: Cluster): Promise<void> {
  await cluster.fault({ api: ['Produce', 'Fetch'], before: { error: 'NOT_LEADER_OR_FOLLOWER' }, expect: { at_least: 1 } });
  // @ts-expect-error no API of that name
  await cluster.fault({ api: 'Produc' });
  // @ts-expect-error no error of that name
  await cluster.fault({ api: 'Produce', before: { error: 'NO_LEADER' } });
  // @ts-expect-error no action of that name
  await cluster.fault({ api: 'Produce', before: 'explode' });
  // @ts-expect-error no such field
  await cluster.fault({ apis: ['Produce'] });

  const created = await cluster.journal.rows({ kind: 'topic_created' });
  const partitions: number[] = created.map((row) => row.partitions);
  const requests: RequestRow[] = await cluster.journal.wait({ api: 'Produce', count: partitions.length });
  // @ts-expect-error requests have no partitions
  requests.map((row) => row.partitions);

  const bytes: Uint8Array = await cluster.request('GET /v1/snapshot');
  await cluster.request('PUT /v1/snapshot', { body: bytes });
  const nothing: undefined = await cluster.request('DELETE /v1/users/{name}', { path: { name: 'alice' } });
  // @ts-expect-error no such verb
  await cluster.request('POST /v1/users/{name}', { path: { name: 'alice' } });
  // @ts-expect-error it needs a path
  await cluster.request('DELETE /v1/users/{name}', {});
  // @ts-expect-error it needs a body
  await cluster.request('POST /v1/users');
  void [new Kafka(cluster.settings.kafkajs), nothing];
}

export const bodies = [
  forJest()(async ({ cluster }, order: string) => types(cluster).then(() => order)),
  forNode({ nodes: 3 })(async ({ startCluster }, t) => t.diagnostic((await startCluster()).bootstrap)),
  start({ topics: [{ name: 'orders', partitions: 2 }], clock: 'manual' }),
];
// @ts-expect-error no such option
void start({ topic: 'orders' });
