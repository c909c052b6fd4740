// Fails: ../../npm.py compares its report.
import { clusterPerTest } from 'fauxka/vitest';
import { expect } from 'vitest';

const test = clusterPerTest({ topics: ['orders'], clock: 'manual', seed: 7 });
const pids: number[] = [];

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('unmet', async ({ cluster }) => {
  pids.push(cluster.pid);
  await cluster.fault({ name: 'lost answer', api: 'Produce', topic: 'orders', nth: 2, after: 'disconnect', expect: 1 });
  await cluster.produce('orders', ['order-1']);
});

test('wrong', async ({ cluster }) => {
  pids.push(cluster.pid);
  expect((await cluster.records('orders')).length).toBe(1);
});

test('late', { timeout: 300 }, async ({ cluster }) => {
  pids.push(cluster.pid);
  await cluster.journal.wait({ api: 'Fetch' });
});

test('two clusters', async ({ startCluster }) => {
  const first = await startCluster({ seed: 8, clock: 'manual' });
  const second = await startCluster({ seed: 9, clock: 'manual' });
  expect(first.seed).toBe(second.seed);
});

test('all have stopped', async ({ cluster }) => {
  expect(pids.length).toBe(3);
  expect(pids.filter(alive)).toEqual([]);
  expect(alive(cluster.pid)).toBe(true);
});
