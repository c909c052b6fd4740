// Waits while its runner is killed: ../../npm.py looks whether its cluster ends.
import { renameSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { clusterPerTest } from 'fauxka/node-test';

const orders = clusterPerTest();

test('hangs', orders(async ({ cluster }) => {
  writeFileSync('broker.pid.new', String(cluster.pid));
  renameSync('broker.pid.new', 'broker.pid');
  await cluster.journal.wait({ api: 'Fetch' });
}));
