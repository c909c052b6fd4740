// Every call of a cluster does what it says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ControlError, ExpectationError } from 'fauxka';
import { clusterPerTest } from 'fauxka/node-test';

const three = clusterPerTest({ nodes: 3, topics: ['orders:2:3', { name: 'payments', partitions: 3 }], seed: 7 });
const manual = clusterPerTest({ topics: ['orders'], clock: 'manual' });

test('topics and records', three(async ({ cluster }) => {
  assert.deepEqual((await cluster.topics.list()).map(({ name }) => name), ['orders', 'payments']);
  assert.equal((await cluster.topics.create({ name: 'other', configs: { 'cleanup.policy': 'compact' } })).name, 'other');
  assert.equal((await cluster.topics.alter('other', { partitions: 2 })).partitions.length, 2);
  await cluster.topics.delete('other');
  await assert.rejects(cluster.topics.show('other'), { name: 'ControlError', status: 404, request: 'GET /v1/topics/other' });

  const places = await cluster.produce('orders', ['text', { key: 'k', value: { base64: '/w==' }, partition: 1 }]);
  assert.deepEqual(places, [{ partition: 0, offset: 0 }, { partition: 1, offset: 0 }]);
  assert.deepEqual((await cluster.records('orders')).map(({ partition, value }) => [partition, value]), [[0, 'text'], [1, { base64: '/w==' }]]);
  assert.equal((await cluster.records('orders', { partition: 1, from: 1 })).length, 0);
  await cluster.produce('orders', Array.from({ length: 250 }, (_, index) => String(index)));
  assert.equal((await cluster.records('orders')).length, 252);
  assert.equal((await cluster.records('orders', { partition: 0, max: 3 })).length, 3);
}));

test('transactions', three(async ({ cluster }) => {
  await cluster.produce('orders', ['open'], { transactionalId: 'payments' });
  assert.equal((await cluster.records('orders', { committed: true })).length, 0);
  assert.equal((await cluster.transactions.list()).length, 1);
  await cluster.transactions.fence('payments');
  assert.equal((await cluster.transactions.show('payments')).producer_epoch, 2);
  assert.equal((await cluster.records('orders', { committed: true })).length, 0);
}));

test('groups', three(async ({ cluster }) => {
  await cluster.produce('orders', ['order-1']);
  await cluster.groups.commit('billing', [{ topic: 'orders', partition: 0, offset: 1 }]);
  assert.deepEqual((await cluster.groups.list()).map(({ id }) => id), ['billing']);
  assert.equal((await cluster.groups.show('billing')).offsets[0].lag, 0);
  await assert.rejects(cluster.groups.evict('billing', 'nobody'), ControlError);
  await assert.rejects(cluster.groups.rebalance('billing'), { status: 409 });
}));

test('nodes', three(async ({ cluster }) => {
  assert.equal(cluster.brokers.length, 3);
  assert.equal((await cluster.nodes.stop(2)).up, false);
  assert.equal((await cluster.nodes.start(2)).up, true);
  await cluster.nodes.pause(3);
  await cluster.nodes.resume(3);
  const added = await cluster.nodes.add();
  assert.equal((await cluster.show()).nodes.length, 4);
  await cluster.nodes.remove(added);
  await cluster.nodes.restart();
  assert.equal((await cluster.show()).nodes.length, 3);
}));

test('snapshots and resets', three(async ({ cluster }) => {
  await cluster.produce('orders', ['kept']);
  assert.equal((await cluster.snapshots.take('one')).name, 'one');
  await cluster.reset({ only: ['topics'] });
  assert.equal((await cluster.records('orders')).length, 0);
  await cluster.snapshots.restore('one');
  assert.equal((await cluster.records('orders')).length, 1);
  assert.equal((await cluster.snapshots.list()).length, 1);
  await cluster.snapshots.forget('one');
  const bytes = await cluster.request('GET /v1/snapshot');
  await cluster.reset();
  await cluster.request('PUT /v1/snapshot', { body: bytes });
  assert.equal((await cluster.records('orders')).length, 1);
}));

test('rules', three(async ({ cluster }) => {
  const rule = await cluster.fault({ name: 'a rule', api: 'Produce', after_apply: [{ error: 'REQUEST_TIMED_OUT' }, 'pass'], expect: { at_most: 2 } });
  assert.deepEqual(rule.rule.after_apply, [{ error: 'REQUEST_TIMED_OUT' }, 'pass']);
  assert.equal(await rule.hits(), 0);
  assert.equal((await cluster.faults.find('a rule')).id, rule.id);
  await assert.rejects(rule.wait({ hits: 1, timeout: 10 }), { status: 408 });
  assert.equal((await rule.release()).state, 'ended');
  await rule.remove();
  assert.deepEqual(await cluster.faults.list(), []);
  await cluster.fault({ api: 'Fetch', observe: true });
  await cluster.faults.heal();
  await assert.rejects(cluster.fault({ api: 'Fetch', before: 'hold', before_apply: 'hold' }), TypeError);
  await assert.rejects(cluster.fault({ api: 'Produc', before: 'hold' }), /did you mean Produce\?/);
}));

test('the clock', manual(async ({ cluster }) => {
  const { elapsed_ms: before } = await cluster.clock.show();
  assert.equal((await cluster.clock.advance('45s')).elapsed_ms, before + 45_000);
  assert.equal((await cluster.clock.advance(500)).elapsed_ms, before + 45_500);
  // Nothing is due.
  assert.equal((await cluster.clock.advanceToNext({ silent: [] })).elapsed_ms, before + 45_500);
}));

test('the journal', manual(async ({ cluster }) => {
  const after = await cluster.journal.last();
  await cluster.produce('orders', ['order-1']);
  const [row] = await cluster.journal.expect({ api: 'Produce', topic: 'orders', after });
  assert.equal(row.applied, 'yes');
  assert.equal((await cluster.journal.rows({ kind: 'topic_created' }))[0].partitions, 1);
  await assert.rejects(cluster.journal.expect({ api: 'Produce', count: 0 }), ExpectationError);
  await assert.rejects(cluster.journal.expect({ api: 'Produce', count: 2, timeout: 10 }), { name: 'ExpectationError', message: /2 or more rows expected of api=Produce, and 1 found/ });
  await cluster.journal.clear();
  assert.deepEqual(await cluster.journal.rows(), []);
}));

test('what else there is', three(async ({ cluster }) => {
  assert.match(await cluster.metrics(), /^fauxka_/m);
  assert.equal(cluster.seed, 7);
  assert.match(cluster.log, /is ready/);
  assert.equal(await cluster.request('POST /v1/topics/{topic}/recreate', { path: { topic: 'orders' } }), undefined);
  assert.equal((await cluster.request('POST /v1/topics/{topic}/{partition}/leader', { path: { topic: 'orders', partition: 0 }, body: { node: 2 } })), undefined);
  await assert.rejects(cluster.topics.create('orders'), (error) => error.kafka.name === 'TOPIC_ALREADY_EXISTS' && error.kafka.code === 36);
  const { settings, brokers, bootstrap } = cluster;
  assert.deepEqual(settings.kafkajs, { brokers });
  assert.deepEqual(settings.confluent, { 'bootstrap.servers': bootstrap });
  assert.deepEqual(settings.confluentKafkaJS, { brokers });
  assert.deepEqual(settings.platformatic, { bootstrapBrokers: brokers });
  assert.deepEqual(settings.nestjs, { client: { brokers } });
}));
