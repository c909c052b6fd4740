// Fails: ../../npm.py compares its report.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterPerTest } from 'fauxka/node-test';

const orders = clusterPerTest({ topics: ['orders'], clock: 'manual', seed: 7 });

test('unmet', orders(async ({ cluster }) => {
  await cluster.fault({ name: 'lost answer', api: 'Produce', topic: 'orders', nth: 2, after: 'disconnect', expect: 1 });
  await cluster.produce('orders', ['order-1']);
}));

test('wrong', orders(async ({ cluster }) => {
  assert.equal((await cluster.records('orders')).length, 1);
}));

test('late', { timeout: 300 }, orders(async ({ cluster }) => {
  await cluster.journal.wait({ api: 'Fetch' });
}));

test('two clusters', orders(async ({ startCluster }) => {
  const first = await startCluster({ seed: 8, clock: 'manual' });
  const second = await startCluster({ seed: 9, clock: 'manual' });
  assert.equal(first.seed, second.seed);
}));
