// Two workers share a topic. One falls silent for as long as a session lasts, and the other one gets all partitions: in no time.
import type { Cluster } from 'fauxka';
import { clusterPerTest } from 'fauxka/vitest';
import { type Consumer, Kafka } from 'kafkajs';
import { expect, vi } from 'vitest';

const test = clusterPerTest({
  topics: ['orders:2'],
  clock: 'manual',
  // The group waits until both are there.
  config: { 'group.initial.rebalance.delay.ms': 3000 },
});

function worker(cluster: Cluster, clientId: string): Consumer {
  const kafka = new Kafka({ ...cluster.settings.kafkajs, clientId, logLevel: 0 });
  return kafka.consumer({ groupId: 'billing', sessionTimeout: 30_000, heartbeatInterval: 100, maxWaitTimeInMs: 100 });
}

async function run(consumer: Consumer): Promise<void> {
  await consumer.connect();
  await consumer.subscribe({ topic: 'orders' });
  await consumer.run({ eachMessage: async () => {} });
}

/** The partitions of each worker. */
async function owners(cluster: Cluster): Promise<Record<string, number[]>> {
  const [billing] = await cluster.groups.list();
  const members = billing?.members ?? [];
  return Object.fromEntries(members.map((member) => [member.client_id, member.assignment.flatMap((topic) => topic.partitions)]));
}

/** kafkajs waits for its last Fetch, which waits on the cluster's clock. */
async function leave(cluster: Cluster, workers: Consumer[]): Promise<void> {
  let gone = false;
  const leaving = Promise.all(workers.map((consumer) => consumer.disconnect())).finally(() => (gone = true));
  while (!gone) await cluster.clock.advance('1s');
  await leaving;
}

test('the partitions of a silent worker go to the other one', async ({ cluster }) => {
  const workers = [worker(cluster, 'worker-1'), worker(cluster, 'worker-2')];
  const running = Promise.all(workers.map(run));
  await vi.waitFor(async () => expect(Object.keys(await owners(cluster))).toHaveLength(2));
  await cluster.clock.advance('10s');
  await running;
  expect(Object.values(await owners(cluster)).flat().sort()).toEqual([0, 1]);

  await cluster.fault({ api: ['Heartbeat', 'JoinGroup'], client_id: 'worker-2', before: 'hold' });
  await cluster.clock.advance('31s');

  await vi.waitFor(async () => expect(await owners(cluster)).toEqual({ 'worker-1': [0, 1] }), 10_000);
  await cluster.faults.heal();
  await leave(cluster, workers);
}, 30_000);
