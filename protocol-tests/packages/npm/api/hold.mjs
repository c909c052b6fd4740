// Starts a cluster, says its process id, and is killed.
import { renameSync, writeFileSync } from 'node:fs';
import { start } from 'fauxka';

const cluster = await start();
writeFileSync('broker.pid.new', String(cluster.pid));
renameSync('broker.pid.new', 'broker.pid');
setInterval(() => {}, 1000);
