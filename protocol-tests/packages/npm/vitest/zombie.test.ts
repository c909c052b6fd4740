// A producer hangs in the middle of a transaction, and another one takes its place. When the first one comes back, it must not commit.
import { clusterPerTest } from 'fauxka/vitest';
import { Kafka } from 'kafkajs';
import { expect } from 'vitest';

const test = clusterPerTest({ topics: ['payments'] });

test('a zombie cannot commit', async ({ cluster }) => {
  const kafka = new Kafka({ ...cluster.settings.kafkajs, logLevel: 0 });
  const producers = ['zombie', 'heir'].map(() => kafka.producer({ transactionalId: 'payments', idempotent: true, maxInFlightRequests: 1 }));
  const [zombie, heir] = producers;

  await zombie!.connect();
  const late = await zombie!.transaction();
  await late.send({ topic: 'payments', messages: [{ value: 'by the zombie' }] });
  await heir!.connect();
  const transaction = await heir!.transaction();
  await transaction.send({ topic: 'payments', messages: [{ value: 'by the heir' }] });
  await transaction.commit();

  await expect(late.commit()).rejects.toMatchObject({ type: 'INVALID_PRODUCER_EPOCH' });
  await cluster.journal.expect({ api: 'EndTxn', failed: true, count: 1 });
  const records = await cluster.records('payments', { committed: true });
  expect(records.map((record) => record.value)).toEqual(['by the heir']);
  await Promise.all(producers.map((producer) => producer.disconnect()));
});
