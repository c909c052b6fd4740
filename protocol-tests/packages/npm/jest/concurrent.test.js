// Tests that run at the same time have clusters of their own.
const { clusterPerTest } = require('fauxka/jest');

const orders = clusterPerTest({ topics: ['orders'] });
const clusters = new Set();
let bothAreThere;
const both = new Promise((resolve) => { bothAreThere = resolve; });

test.concurrent.each(['order-1', 'order-2'])('%s is alone', orders(async ({ cluster }, order) => {
  clusters.add(cluster.bootstrap);
  if (clusters.size === 2) bothAreThere();
  await both;
  await cluster.produce('orders', [order]);
  expect((await cluster.records('orders')).map((record) => record.value)).toEqual([order]);
}));
