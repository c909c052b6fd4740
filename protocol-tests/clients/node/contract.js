// The contract of ../README.md, shared by the Node.js programs: arguments, lines in, lines out.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');

const NEWLINE = Buffer.from('\n');

/** Calls `trip(bootstrap, topic, codec, lines)` for each codec and writes what it consumed. */
async function main(unsupported, trip) {
  const string = { type: 'string' };
  const options = { bootstrap: string, topic: string, input: string, output: string, codecs: string };
  const { values: args, positionals } = parseArgs({ options, allowPositionals: true });
  if (positionals[0] !== 'roundtrip') throw new Error(`unknown sub-command ${positionals[0]}`);
  const lines = fs.readFileSync(args.input, 'latin1').split('\n').slice(0, -1).map((line) => Buffer.from(line, 'latin1'));
  for (const codec of args.codecs.split(',')) {
    if (codec in unsupported) {
      console.log(`UNSUPPORTED ${codec} ${unsupported[codec]}`);
      continue;
    }
    const values = await trip(args.bootstrap, `${args.topic}-${codec}`, codec, lines);
    fs.writeFileSync(path.join(args.output, codec), Buffer.concat(values.flatMap((value) => [value, NEWLINE])));
    console.log(`DONE ${codec} ${values.length}`);
  }
}

function run(unsupported, trip) {
  main(unsupported, trip).then(() => process.exit(0), (error) => {
    console.error(error);
    process.exit(1);
  });
}

module.exports = { run };
