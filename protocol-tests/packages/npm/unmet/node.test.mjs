// Fails: ../../npm.py compares its report.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { clusterPerTest } from 'fauxka/node-test';

const orders = clusterPerTest({ topics: ['orders'], clock: 'manual', seed: 7 });
const pids = [];

function alive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('unmet', orders(async ({ cluster }) => {
  pids.push(cluster.pid);
  await cluster.fault({ name: 'lost answer', api: 'Produce', topic: 'orders', nth: 2, after: 'disconnect', expect: 1 });
  await cluster.produce('orders', ['order-1']);
}));

test('wrong', orders(async ({ cluster }) => {
  pids.push(cluster.pid);
  assert.equal((await cluster.records('orders')).length, 1);
}));

test('late', { timeout: 300 }, orders(async ({ cluster }) => {
  pids.push(cluster.pid);
  await cluster.journal.wait({ api: 'Fetch' });
}));

test('two clusters', orders(async ({ startCluster }) => {
  const first = await startCluster({ seed: 8, clock: 'manual' });
  const second = await startCluster({ seed: 9, clock: 'manual' });
  assert.equal(first.seed, second.seed);
}));

test('all have stopped', { timeout: 10_000 }, orders(async ({ cluster }) => {
  assert.equal(pids.length, 3);
  while (pids.some(alive)) await setTimeout(10);
  assert.ok(alive(cluster.pid));
}));
