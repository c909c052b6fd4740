// What somebody reads whose cluster does not start, or ends.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { start } from 'fauxka';

const folder = mkdtempSync(join(tmpdir(), 'fauxka-'));
after(() => rmSync(folder, { recursive: true }));

function program(name, text, mode = 0o755) {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

async function message(options) {
  try {
    await (await start(options)).stop();
  } catch (error) {
    assert.equal(error.name, 'ClusterError');
    return error.message.replaceAll(folder, 'FOLDER').replaceAll(`${process.platform}-${process.arch}`, 'PLATFORM');
  }
  return assert.fail('it has started');
}

test('a program that may not be executed', async () => {
  const binary = program('plain', '#!/bin/sh\n', 0o644);
  assert.equal(await message({ binary }), 'cannot run FOLDER/plain (PLATFORM): EACCES, you may not execute it: is it a program, '
    + 'has it mode 755 (chmod +x), and is its file system mounted without noexec?');
});

test('no program', async () => {
  // Where the system refuses it, a shell is tried: as for any program that execvp starts.
  const binary = program('text', 'nonsense-of-a-broken-download\n');
  assert.match(await message({ binary }), /^FOLDER\/text ended before it was ready, with status 127\. Its log ends with:\n.*nonsense-of-a-broken-download.* not found$/);
});

test('no file', async () => {
  assert.match(await message({ binary: join(folder, 'absent') }), /^cannot run FOLDER\/absent \(PLATFORM\): ENOENT, there is no such program/);
  assert.match(await message({ env: { FAUXKA_BINARY: join(folder, 'absent') } }), /^FAUXKA_BINARY names FOLDER\/absent, and there is no such file/);
});

test('a program that ends at once', async () => {
  const binary = program('ends', '#!/bin/sh\necho "out of luck" >&2\nexit 7\n');
  assert.equal(await message({ binary }), 'FOLDER/ends ended before it was ready, with status 7. Its log ends with:\nout of luck');
});

test('a program that says something else', async () => {
  const binary = program('other', '#!/bin/sh\necho hello\nexec sleep 60\n');
  assert.equal(await message({ binary }), 'FOLDER/other printed "hello" instead of READY bootstrap=… control=…: is it fauxka, and of this version?');
});

test('a program that never gets ready', async () => {
  const binary = program('never', '#!/bin/sh\nexec sleep 60\n');
  assert.equal(await message({ binary, readyTimeout: 200 }), 'FOLDER/never was not ready within 200 ms: is the machine too busy, or is it no fauxka? It logged nothing.');
});

test('a bad option', async () => {
  assert.match(await message({ args: ['--nodez', '3'] }), /ended before it was ready, with status 2\. Its log ends with:\nerror: unexpected argument '--nodez' found/);
});

test('a port in use', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${server.address().port}`;
  assert.match(await message({ args: ['--listen', address] }), new RegExp(`ended before it was ready, with status 1\\. Its log ends with:\n(.|\n)*${address}`));
  server.close();
});

test('a program that crashes later', async () => {
  const cluster = await start();
  process.kill(cluster.pid, 'SIGKILL');
  await assert.rejects(async () => { for (;;) await cluster.show(); }, { name: 'ClusterError', message: /does not answer GET \/v1\/cluster/ });
  await assert.rejects(cluster.verify(), /ended without being asked to, by SIGKILL\. Its log ends with:\n/);
  await cluster.stop();
});

test('a long log blocks nobody', async () => {
  const cluster = await start({ log: 'trace' });
  for (let round = 0; cluster.log.length < 64 * 1024 || round < 500; round += 1) await cluster.topics.create(`topic-${round}`);
  assert.equal(cluster.log.length, 64 * 1024);
  await cluster.stop();
});
