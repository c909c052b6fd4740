// Tests that run at the same time have clusters of their own, and one that ends leaves the others' alone.
const { clusterPerTest } = require('fauxka/jest');

const orders = clusterPerTest({ topics: ['orders'] });
let oneEnds;
const oneHasEnded = new Promise((resolve) => { oneEnds = resolve; });
afterEach(() => oneEnds());

test.concurrent('order-2 is alone', orders(async ({ cluster }) => {
  await cluster.produce('orders', ['order-2']);
  await oneHasEnded;
  expect((await cluster.records('orders')).map((record) => record.value)).toEqual(['order-2']);
}));

test('order-1 is alone', orders(async ({ cluster }) => {
  await cluster.produce('orders', ['order-1']);
  expect((await cluster.records('orders')).map((record) => record.value)).toEqual(['order-1']);
}));
