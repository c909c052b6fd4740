// The same package for CommonJS, which does not keep Node.js from ending.
const assert = require('node:assert/strict');
const { ControlError, start } = require('fauxka');

(async () => {
  const modules = await import('fauxka');
  assert.equal(modules.ControlError, ControlError);
  const cluster = await start({ topics: ['orders'] });
  await assert.rejects(cluster.topics.create('orders'), ControlError);
  console.log('ok');
})();
