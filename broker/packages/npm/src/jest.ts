import { FileCluster, newClusters, runTest, type Source, type TestBody, TestClusters } from './fixture.js';
import type { ClusterOptions } from './options.js';

export { type TestBody, type TestContext, withCluster } from './fixture.js';

interface JestGlobals {
  afterAll(hook: () => Promise<void>): void;
  afterEach(hook: () => Promise<void>): void;
  expect: { getState(): { currentTestName?: string } };
}

/** Makes a test for Jest out of a body that gets a cluster. */
export type ClusterTest = <A extends unknown[]>(body: TestBody<A>) => (...args: A) => Promise<void>;

/** A cluster of its own for each test: `const orders = clusterPerTest({ topics: ['orders'] })`, `test('…', orders(async ({ cluster }) => …))`. */
export function clusterPerTest(options: ClusterOptions = {}): ClusterTest {
  return clusterTest(newClusters(options));
}

/** One cluster for all tests of a file or `describe`, reset before each. Used as `clusterPerTest` is. */
export function clusterPerFile(options: ClusterOptions = {}): ClusterTest {
  const file = new FileCluster(options);
  jest().afterAll(() => file.stop());
  return clusterTest(file);
}

// Jest knows this name wherever it is asked for, also with `injectGlobals: false`.
function jest(): JestGlobals {
  return require('@jest/globals') as JestGlobals;
}

function clusterTest(source: Source): ClusterTest {
  const { afterAll, afterEach, expect } = jest();
  const running = new Map<TestClusters, string | undefined>();
  const name = () => expect.getState().currentTestName;
  afterEach(async () => {
    // A concurrent test that has timed out is not this one.
    const ours = [...running].filter(([, test]) => test === name());
    for (const [clusters] of ours) throw new Error(await abandon(source, clusters));
  });
  // Jest runs no hooks for concurrent tests.
  afterAll(async () => {
    for (const [clusters, test] of running) process.stderr.write(`${test}: ${await abandon(source, clusters)}\n`);
  });
  return (body) =>
    async (...args) => {
      const clusters = new TestClusters();
      running.set(clusters, name());
      try {
        await runTest(source, clusters, body, args);
      } finally {
        running.delete(clusters);
      }
    };
}

/** Stops the clusters of a test that has timed out, and returns their report. Jest leaves its body running. */
async function abandon(source: Source, clusters: TestClusters): Promise<string> {
  const { text } = await clusters.report();
  await source.abandon(clusters);
  return `the test is over, and its body has not ended\n\n${text}`;
}
