// Fails: ../../npm.py compares its report.
const { clusterPerTest } = require('fauxka/jest');

const orders = clusterPerTest({ topics: ['orders'], clock: 'manual', seed: 7 });

test.concurrent('beside', orders(async ({ cluster }) => {
  await cluster.journal.wait({ api: 'Fetch' });
}), 300);

test('unmet', orders(async ({ cluster }) => {
  await cluster.fault({ name: 'lost answer', api: 'Produce', topic: 'orders', nth: 2, after: 'disconnect', expect: 1 });
  await cluster.produce('orders', ['order-1']);
}));

test('wrong', orders(async ({ cluster }) => {
  expect((await cluster.records('orders')).length).toBe(1);
}));

test('late', orders(async ({ cluster }) => {
  await cluster.journal.wait({ api: 'Fetch' });
}), 300);

test('two clusters', orders(async ({ startCluster }) => {
  const first = await startCluster({ seed: 8, clock: 'manual' });
  const second = await startCluster({ seed: 9, clock: 'manual' });
  expect(first.seed).toBe(second.seed);
}));
