// The contract of ../README.md, shared by the Node.js programs: arguments, lines in, lines out, a member's report.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');

const transactions = require('./transactions');

const NEWLINE = Buffer.from('\n');
const TRANSACTIONS = ['bootstrap', 'input', 'output', 'group', 'transactional-id', 'session-ms'];

const OPTIONS = {
  roundtrip: ['bootstrap', 'topic', 'input', 'output', 'codecs'],
  group: ['bootstrap', 'topic', 'group', 'member', 'mode', 'session-ms', 'instance'],
  transactions: TRANSACTIONS,
  successor: TRANSACTIONS,
  read: ['bootstrap', 'topic', 'isolation'],
};

function parsed() {
  const command = process.argv[2];
  if (!(command in OPTIONS)) throw new Error(`unknown sub-command ${command}`);
  const options = Object.fromEntries(OPTIONS[command].map((name) => [name, { type: 'string' }]));
  return { command, args: parseArgs({ args: process.argv.slice(3), options }).values };
}

/** Calls `trip(bootstrap, topic, codec, lines)` for each codec and writes what it consumed. */
async function roundTrip(args, unsupported, trip) {
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

/** What a member says: whole lines, each in one write, into the pipe that it shares with the others. */
function reportOf(member) {
  const say = (text) => fs.writeSync(1, `${member} ${text}\n`);
  return {
    gained: (partitions) => say(`GAINED ${partitions.join(',')}`),
    lost: (partitions) => say(`LOST ${partitions.join(',')}`),
    got: (partition, offset, value) => say(`GOT ${partition} ${offset} ${value}`),
  };
}

async function main(unsupported, trip, { belong, read, transactional }) {
  const { command, args } = parsed();
  if (command === 'roundtrip') return roundTrip(args, unsupported, trip);
  if (command === 'transactions') return transactions.transact(transactional(args));
  if (command === 'successor') return transactions.succeed(transactional(args));
  if (command === 'read') return console.log((await read(args)).join('\n'));
  if (!belong) throw new Error('it has no group');
  const leaving = new Promise((resolve) => { process.on('SIGTERM', resolve); });
  return belong(args, reportOf(args.member), leaving);
}

function run(unsupported, trip, others) {
  main(unsupported, trip, others).then(() => process.exit(0), (error) => {
    console.error(error);
    process.exit(1);
  });
}

module.exports = { run };
