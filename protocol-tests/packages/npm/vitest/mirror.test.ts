// Several clusters in one test: each is verified, reported and stopped with it.
import { start } from 'fauxka';
import { clusterPerTest } from 'fauxka/vitest';
import { expect } from 'vitest';

const test = clusterPerTest({ topics: ['orders'] });

test('a mirror has what the original has', async ({ cluster, startCluster }) => {
  const mirror = await startCluster({ topics: ['orders'], nodes: 3 });
  await cluster.produce('orders', ['order-1']);

  const records = await cluster.records('orders');
  await mirror.produce('orders', records.map(({ key, value }) => ({ key, value })));

  expect((await mirror.records('orders'))[0]?.value).toBe('order-1');
});

test('a cluster ends with its block', async () => {
  let stopped;
  {
    await using cluster = await start({ topics: ['orders'] });
    await cluster.produce('orders', ['order-1']);
    stopped = cluster;
  }
  await expect(stopped.show()).rejects.toThrow('is it stopped?');
});
