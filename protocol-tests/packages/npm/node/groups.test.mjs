// The other two tests of ../vitest, with another client: a rebalance, and a zombie.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Consumer, Producer, stringSerializers } from '@platformatic/kafka';
import { clusterPerTest } from 'fauxka/node-test';

const SESSION = { sessionTimeout: 30_000, heartbeatInterval: 100, rebalanceTimeout: 60_000 };

const billing = clusterPerTest({
  topics: ['orders:2'],
  clock: 'manual',
  // The group waits until both are there.
  config: { 'group.initial.rebalance.delay.ms': 3000 },
});
const payments = clusterPerTest({ topics: ['payments'] });

async function join(cluster, clientId) {
  const consumer = new Consumer({ clientId, groupId: 'billing', ...cluster.settings.platformatic });
  await consumer.topics.trackAll('orders');
  await consumer.joinGroup(SESSION);
  return consumer;
}

/** The partitions of each worker, as soon as they are as they should be; the test's time-out bounds this. */
async function owners(cluster, enough) {
  for (;;) {
    const [group] = await cluster.groups.list();
    const members = group?.members ?? [];
    const found = Object.fromEntries(members.map((member) => [member.client_id, member.assignment.flatMap((topic) => topic.partitions)]));
    if (enough(found)) return found;
  }
}

test('the partitions of a silent worker go to the other one', { timeout: 30_000 }, billing(async ({ cluster }) => {
  const joining = Promise.all(['worker-1', 'worker-2'].map((name) => join(cluster, name)));
  await owners(cluster, (found) => Object.keys(found).length === 2);
  await cluster.clock.advance('10s');
  const workers = await joining;

  await cluster.fault({ api: ['Heartbeat', 'JoinGroup'], client_id: 'worker-2', before: 'hold' });
  await cluster.clock.advance('31s');

  const found = await owners(cluster, (found) => found['worker-1']?.length === 2);
  assert.deepEqual(found, { 'worker-1': [0, 1] });
  await cluster.faults.heal();
  await Promise.all(workers.map((consumer) => consumer.close(true)));
}));

test('a zombie cannot commit', { timeout: 30_000 }, payments(async ({ cluster }) => {
  const options = { clientId: 'payments', ...cluster.settings.platformatic, serializers: stringSerializers, idempotent: true, transactionalId: 'payments' };
  const [zombie, heir] = [new Producer(options), new Producer(options)];

  const late = await zombie.beginTransaction();
  await late.send({ messages: [{ topic: 'payments', value: 'by the zombie' }] });
  const transaction = await heir.beginTransaction();
  await transaction.send({ messages: [{ topic: 'payments', value: 'by the heir' }] });
  await transaction.commit();

  await assert.rejects(late.commit(), (error) => error.errors.some(({ apiId }) => apiId === 'PRODUCER_FENCED'));
  await cluster.journal.expect({ api: 'EndTxn', error: 'PRODUCER_FENCED', count: 1 });
  const records = await cluster.records('payments', { committed: true });
  assert.deepEqual(records.map((record) => record.value), ['by the heir']);
  await Promise.all([zombie.close(), heir.close()]);
}));
