// Starts a cluster, says its process id, and is killed.
import { start } from 'fauxka';

const cluster = await start();
console.log(cluster.pid);
setInterval(() => {}, 1000);
