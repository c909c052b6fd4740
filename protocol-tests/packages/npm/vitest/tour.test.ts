// What a cluster can do, in short.
import { ControlError } from 'fauxka';
import { clusterPerTest } from 'fauxka/vitest';
import { Kafka } from 'kafkajs';
import { expect } from 'vitest';

const test = clusterPerTest({ nodes: 3, topics: ['orders:2:3'], clock: 'manual' });

test('faults', async ({ cluster }) => {
  // The first two requests for metadata get an error, and the test fails unless there are so many.
  const rule = await cluster.fault({ api: 'Metadata', topic: 'orders', count: 2, before: { error: 'LEADER_NOT_AVAILABLE' }, expect: 2 });

  const admin = new Kafka({ ...cluster.settings.kafkajs, logLevel: 0 }).admin();
  await admin.connect();
  await admin.fetchTopicMetadata({ topics: ['orders'] });
  await admin.disconnect();

  await rule.wait();
  expect((await rule.show()).state).toBe('spent');
  await cluster.faults.heal();
});

test('the clock', async ({ cluster }) => {
  const before = await cluster.clock.show();
  await cluster.clock.advance('45s');
  const { elapsed_ms } = await cluster.clock.advance(500);
  expect(elapsed_ms).toBe(before.elapsed_ms + 45_500);
});

test('the journal', async ({ cluster }) => {
  const after = await cluster.journal.last();
  await cluster.nodes.stop(1);
  await cluster.nodes.start(1);

  const [stopped] = await cluster.journal.wait({ kind: 'node_stopped', after });
  expect(stopped?.node).toBe(1);
  await cluster.journal.expect({ api: 'OffsetCommit', count: 0 });
});

test('records, groups and transactions', async ({ cluster }) => {
  await cluster.produce('orders', ['order-1', { key: 'bob', value: 'order-2', partition: 1 }]);
  await cluster.groups.commit('billing', [{ topic: 'orders', partition: 0, offset: 1 }]);
  expect((await cluster.groups.show('billing')).offsets[0]?.lag).toBe(0);

  await cluster.produce('orders', ['never'], { transactionalId: 'shop' });
  await cluster.transactions.fence('shop');
  const records = await cluster.records('orders', { committed: true });
  expect(records.map((record) => record.value)).toEqual(['order-1', 'order-2']);
});

test('snapshots', async ({ cluster }) => {
  await cluster.produce('orders', ['order-1']);
  await cluster.snapshots.take('one-order');
  await cluster.reset();
  expect(await cluster.records('orders')).toEqual([]);
  await cluster.snapshots.restore('one-order');
  expect(await cluster.records('orders')).toHaveLength(1);
});

test('every other verb of the control port', async ({ cluster }) => {
  await cluster.request('POST /v1/topics/{topic}/{partition}/leader', { path: { topic: 'orders', partition: 0 }, body: { node: 3 } });
  const topic = await cluster.request('GET /v1/topics/{topic}', { path: { topic: 'orders' } });
  expect(topic.partitions[0]?.leader).toBe(3);
});

test('refusals', async ({ cluster }) => {
  const error = await cluster.topics.create('orders').catch((error: ControlError) => error);
  expect(error).toBeInstanceOf(ControlError);
  expect(error).toMatchObject({ status: 409, message: "TOPIC_ALREADY_EXISTS: Topic 'orders' already exists.", kafka: { code: 36 } });
});
