// Fails: ../../npm.py compares its report.
const { clusterPerTest } = require('fauxka/jest');

const orders = clusterPerTest({ topics: ['orders'], clock: 'manual', seed: 7 });
const pids = [];

function alive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.concurrent('beside', orders(async ({ cluster }) => {
  await cluster.journal.wait({ api: 'Fetch' });
}), 300);

test('unmet', orders(async ({ cluster }) => {
  pids.push(cluster.pid);
  await cluster.fault({ name: 'lost answer', api: 'Produce', topic: 'orders', nth: 2, after: 'disconnect', expect: 1 });
  await cluster.produce('orders', ['order-1']);
}));

test('wrong', orders(async ({ cluster }) => {
  pids.push(cluster.pid);
  expect((await cluster.records('orders')).length).toBe(1);
}));

test('late', orders(async ({ cluster }) => {
  pids.push(cluster.pid);
  await cluster.journal.wait({ api: 'Fetch' });
}), 300);

test('two clusters', orders(async ({ startCluster }) => {
  const first = await startCluster({ seed: 8, clock: 'manual' });
  const second = await startCluster({ seed: 9, clock: 'manual' });
  expect(first.seed).toBe(second.seed);
}));

test('all have stopped', orders(async ({ cluster }) => {
  expect(pids.length).toBe(3);
  expect(pids.filter(alive)).toEqual([]);
  expect(alive(cluster.pid)).toBe(true);
}));
