// One cluster for the file, reset before each test; and many tests at the same time, with a cluster each.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clusterPerFile, clusterPerTest } from 'fauxka/node-test';

const shared = clusterPerFile({ topics: ['orders'] });
const own = clusterPerTest({ topics: ['orders'] });
const clusters = new Set();

for (const order of ['order-1', 'order-2']) {
  test(`${order} is alone in the file's cluster`, shared(async ({ cluster }) => {
    clusters.add(cluster.bootstrap);
    await cluster.produce('orders', [order]);
    assert.deepEqual((await cluster.records('orders')).map((record) => record.value), [order]);
    assert.equal(clusters.size, 1);
  }));
}

let further;

test('a further cluster is the test\'s own', shared(async ({ startCluster }) => {
  further = await startCluster();
}));

test('it has ended with that test, and the file\'s goes on', shared(async ({ cluster }) => {
  await assert.rejects(further.show(), /is it stopped\?/);
  assert.ok(clusters.has(cluster.bootstrap));
}));

describe('at the same time', { concurrency: true }, () => {
  for (let number = 0; number < 20; number += 1) {
    test(`test ${number} is alone in its cluster`, own(async ({ cluster }) => {
      await cluster.produce('orders', [`order-${number}`]);
      assert.deepEqual((await cluster.records('orders')).map((record) => record.value), [`order-${number}`]);
    }));
  }
});
