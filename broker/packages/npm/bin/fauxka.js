#!/usr/bin/env node
// Runs the program of this platform's package with the arguments, the streams and the fate of this process.
'use strict';
const { spawn } = require('node:child_process');
const { findBinary } = require('../dist/binary.js');

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function fail(error) {
  console.error(`fauxka: ${error.message}`);
  process.exit(1);
}

function run(path) {
  const env = { ...process.env };
  // On Windows the program would end with its standard input, which this one only hands on.
  if (process.platform !== 'win32') env.FAUXKA_EXIT_WITH_PARENT ??= 'true';
  const child = spawn(path, process.argv.slice(2), { stdio: 'inherit', env });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(new Error(`cannot run ${path}: ${error.message}`)));
  child.on('exit', (code, signal) => {
    if (signal) {
      for (const name of SIGNALS) process.removeAllListeners(name);
      process.kill(process.pid, signal);
    } else process.exit(code);
  });
}

try {
  run(findBinary());
} catch (error) {
  fail(error);
}
