// One cluster for the file, reset before each test.
const { clusterPerFile } = require('fauxka/jest');

const orders = clusterPerFile({ topics: ['orders'] });
const clusters = new Set();

test.each(['order-1', 'order-2'])('%s is alone', orders(async ({ cluster }, order) => {
  clusters.add(cluster.bootstrap);
  await cluster.produce('orders', [order]);
  const records = await cluster.records('orders');
  expect(records.map((record) => record.value)).toEqual([order]);
  expect(clusters.size).toBe(1);
}));
