// Tests that run at the same time have clusters of their own, and one that ends leaves the others' alone.
const { clusterPerTest } = require('fauxka/jest');

const orders = clusterPerTest({ topics: ['orders'] });
const both = Promise.withResolvers?.() ?? withResolvers();
const clusters = new Set();

function withResolvers() {
  const parts = {};
  parts.promise = new Promise((resolve) => { parts.resolve = resolve; });
  return parts;
}

for (const order of ['order-1', 'order-2']) {
  test.concurrent(`${order} is alone`, orders(async ({ cluster }) => {
    clusters.add(cluster.bootstrap);
    if (clusters.size === 2) both.resolve();
    await both.promise;
    await cluster.produce('orders', [order]);
    expect((await cluster.records('orders')).map((record) => record.value)).toEqual([order]);
  }));
}
