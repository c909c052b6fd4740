// One cluster for the file, reset before each test.
import { clusterPerFile } from 'fauxka/vitest';
import { expect } from 'vitest';

const test = clusterPerFile({ topics: ['orders'] });
const clusters = new Set<string>();

for (const order of ['order-1', 'order-2']) {
  test(`${order} is alone`, async ({ cluster }) => {
    clusters.add(cluster.bootstrap);
    await cluster.produce('orders', [order]);
    const records = await cluster.records('orders');
    expect(records.map((record) => record.value)).toEqual([order]);
    expect(clusters.size).toBe(1);
  });
}
