// What a client is told of a listener with TLS: the contract of ../README.md for `secured`.
'use strict';
const { parseArgs } = require('node:util');

const VALUES = ['one', 'two', 'three'];
// A client that is refused gives up within this time.
const PATIENCE_MS = 15000;

const NAMES = ['bootstrap', 'topic', 'protocol', 'stores', 'ca', 'certificate', 'mechanism', 'user', 'password'];

/** Calls `trip(args)`, which produces the values and returns what it has read, or `denied(args)`, which returns the names of errors. */
function run(trip, denied) {
  const options = Object.fromEntries(NAMES.map((name) => [name, { type: 'string' }]));
  const { values: args } = parseArgs({ args: process.argv.slice(3), options });
  const late = setTimeout(() => { console.error('too late'); process.exit(1); }, 2 * PATIENCE_MS);
  const wanted = process.argv[2] === 'denied' ? denied : trip;
  wanted(args).then((read) => {
    clearTimeout(late);
    console.log(read.join('\n'));
    process.exit(0);
  }, (error) => {
    console.error(error);
    process.exit(1);
  });
}

module.exports = { PATIENCE_MS, VALUES, run };
