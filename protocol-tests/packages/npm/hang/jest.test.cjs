// Waits while its runner is killed: ../../npm.py looks whether its cluster ends.
const { renameSync, writeFileSync } = require('node:fs');
const { clusterPerTest } = require('fauxka/jest');

const orders = clusterPerTest();

test('hangs', orders(async ({ cluster }) => {
  writeFileSync('broker.pid.new', String(cluster.pid));
  renameSync('broker.pid.new', 'broker.pid');
  await cluster.journal.wait({ api: 'Fetch' });
}), 60_000);
