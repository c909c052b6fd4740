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
  const { afterEach, expect } = jest();
  const running = new Map<TestClusters, string | undefined>();
  const name = () => expect.getState().currentTestName;
  afterEach(async () => {
    for (const [clusters, test] of running) {
      // Concurrent tests run on while another one ends.
      if (test === name()) await abandon(source, clusters);
    }
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

/** Reports and stops the clusters of a test that has timed out. Jest leaves its body running. */
async function abandon(source: Source, clusters: TestClusters): Promise<never> {
  const { text } = await clusters.report();
  await source.abandon(clusters);
  throw new Error(`the test is over, and its body has not ended\n\n${text}`);
}
