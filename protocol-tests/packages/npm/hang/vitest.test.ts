// Waits while its runner is killed: ../../npm.py looks whether its cluster ends.
import { renameSync, writeFileSync } from 'node:fs';
import { clusterPerTest } from 'fauxka/vitest';

const test = clusterPerTest();

test('hangs', { timeout: 60_000 }, async ({ cluster }) => {
  writeFileSync('broker.pid.new', String(cluster.pid));
  renameSync('broker.pid.new', 'broker.pid');
  await cluster.journal.wait({ api: 'Fetch' });
});
