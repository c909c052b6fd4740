import { afterAll, test as base, type TestAPI, type TestContext } from 'vitest';
import type { Cluster } from './cluster.js';
import { FileCluster, newClusters, type Source, TestClusters } from './fixture.js';
import type { ClusterOptions } from './options.js';

export type { TestContext } from './fixture.js';

/** What a test can ask for. */
export interface ClusterFixtures {
  /** The test's cluster. */
  cluster: Cluster;
  /** Starts a further cluster, which is verified, reported and stopped with the test as well. */
  startCluster: (options?: ClusterOptions) => Promise<Cluster>;
}

interface Fixtures extends ClusterFixtures {
  /** All clusters of the test: for the others' teardown. */
  _clusters: TestClusters;
}

/** A `test` with a cluster of its own for each test: `const test = clusterPerTest({ topics: ['orders'] })`, `test('…', async ({ cluster }) => …)`. */
export function clusterPerTest(options: ClusterOptions = {}): TestAPI<ClusterFixtures> {
  return testWith(newClusters(options));
}

/** A `test` with one cluster for all tests of a file, reset before each. */
export function clusterPerFile(options: ClusterOptions = {}): TestAPI<ClusterFixtures> {
  const file = new FileCluster(options);
  afterAll(() => file.stop());
  return testWith(file);
}

function testWith(source: Source): TestAPI<ClusterFixtures> {
  return base.extend<Fixtures>({
    _clusters: async ({ task }, use) => {
      const clusters = new TestClusters();
      await use(clusters);
      // Of one that has failed the body may still be running: Vitest does not say whether it timed out.
      if (task.result?.state === 'fail') await explain(task, source, clusters);
      else await verify(source, clusters);
    },
    startCluster: async ({ _clusters }, use) => use(_clusters.startCluster),
    cluster: async ({ _clusters }, use) => use(await source.take(_clusters)),
  });
}

async function verify(source: Source, clusters: TestClusters): Promise<void> {
  try {
    await clusters.verify();
  } finally {
    await source.release(clusters);
  }
}

/** Has a failed test's last error end with the report. */
async function explain(task: TestContext['task'], source: Source, clusters: TestClusters): Promise<void> {
  const { text } = await clusters.report();
  const error = task.result?.errors?.at(-1);
  if (error && text) error.message = `${error.message}\n\n${text}`;
  await source.abandon(clusters);
}
