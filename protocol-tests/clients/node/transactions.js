// The transactions of ../README.md, shared by the Node.js programs.
'use strict';

const BLOCK = 10;
const INPUT_RECORDS = 3 * BLOCK;
// The block of the input that a transaction copies, null for records of its own, and how it ends.
const TRANSACTIONS = [
  [null, 'commit'], [null, 'abort'], [0, 'commit'], [1, 'abort'], [1, 'commit'], [2, 'abort'], [2, 'open'],
];
const ATTEMPTS = ['produce', 'offsets', 'commit'];
const LAST = 'last';

const OWN = Array.from({ length: BLOCK }, (_, at) => `own-${at}`);

function numbered(number, values) {
  return values.map((value) => `${number}:${value}`);
}

async function transact({ producer, consume }) {
  const { values } = await consume(INPUT_RECORDS);
  const own = await producer('');
  for (const [at, [block, end]] of TRANSACTIONS.entries()) {
    await own.begin();
    await own.send(numbered(at + 1, block === null ? OWN : values.slice(block * BLOCK, (block + 1) * BLOCK)));
    if (block !== null) await own.sendOffset((block + 1) * BLOCK);
    if (end === 'open') {
      console.log('OPEN');
      await new Promise((resolve) => { setTimeout(resolve, 2 ** 30); });
    }
    await own[end]();
  }
}

async function succeed({ producer, consume }) {
  const own = await producer('');
  const { values, leave } = await consume(BLOCK);
  let number = TRANSACTIONS.length + 1;
  await own.begin();
  await own.send(numbered(number, values));
  await own.sendOffset(INPUT_RECORDS);
  await own.commit();
  const zombies = [];
  for (const attempt of ATTEMPTS) {
    const zombie = await producer(`-${attempt}`);
    await zombie.begin();
    await zombie.send(numbered(number += 1, OWN));
    const heir = await producer(`-${attempt}`);
    await heir.begin();
    await heir.send(numbered(number += 1, OWN));
    await heir.commit();
    zombies.push([attempt, zombie]);
  }
  // Not at once: until the heir's markers are written the coordinator may say that it is busy, and kafkajs takes that for an answer.
  for (const [attempt, zombie] of zombies) console.log(await tried(attempt, zombie));
  await leave();
}

async function tried(attempt, zombie) {
  try {
    if (attempt === 'produce') await zombie.send(['zombie']);
    else if (attempt === 'offsets') await zombie.sendOffset(0);
    else await zombie.commit();
    return `ALLOWED ${attempt}`;
  } catch (error) {
    return `REFUSED ${attempt} ${error.message}`;
  }
}

/** A promise of what was consumed when it is enough, and the function that takes one value after another. */
function collected(isEnough) {
  const values = [];
  let enough;
  const promise = new Promise((resolve) => { enough = resolve; });
  const take = (value) => {
    values.push(String(value));
    if (isEnough(values)) enough(values);
  };
  return { promise, take };
}

module.exports = { LAST, collected, succeed, transact };
