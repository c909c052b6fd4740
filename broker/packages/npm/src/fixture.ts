import { Cluster } from './cluster.js';
import { ExpectationError } from './errors.js';
import type { ClusterOptions } from './options.js';
import { reportText, withReport } from './report.js';

/** What a test gets. */
export interface TestContext {
  /** The test's cluster. */
  cluster: Cluster;
  /** Starts a further cluster, which is verified, reported and stopped with the test as well. */
  startCluster(options?: ClusterOptions): Promise<Cluster>;
}

/** A test, and what its runner gives it beside the cluster. */
export type TestBody<A extends unknown[] = unknown[]> = (context: TestContext, ...args: A) => unknown;

/** The clusters of one test. */
export class TestClusters {
  readonly #all: Cluster[] = [];

  readonly startCluster = async (options?: ClusterOptions): Promise<Cluster> => {
    const cluster = await Cluster.start(options);
    this.#all.push(cluster);
    return cluster;
  };

  /** Has a cluster that was started elsewhere reported, too. */
  add(cluster: Cluster): void {
    this.#all.push(cluster);
  }

  /** What all clusters report, and whether any expects in vain. */
  async report(): Promise<{ text: string; unmet: boolean }> {
    const each = await Promise.all(this.#all.map((cluster) => reportOf(cluster)));
    const text = each.map(({ text }, index) => (each.length > 1 ? `cluster at ${this.#all[index]!.bootstrap}:\n${text}` : text)).join('\n\n');
    return { text, unmet: each.some(({ unmet }) => unmet) };
  }

  /** Throws if a test that has passed leaves expectations unmet. */
  async verify(): Promise<void> {
    const { text, unmet } = await this.report();
    if (unmet) throw new ExpectationError(text);
  }

  async stop(except?: Cluster): Promise<void> {
    const ours = this.#all.filter((cluster) => cluster !== except);
    await Promise.all(ours.map((cluster) => cluster.stop()));
  }
}

async function reportOf(cluster: Cluster): Promise<{ text: string; unmet: boolean }> {
  try {
    const report = await cluster.report();
    return { text: reportText(report), unmet: report.unmet.length > 0 };
  } catch (error) {
    // A cluster that crashed has not done what the test expected of it.
    return { text: (error as Error).message, unmet: true };
  }
}

/** Where a test's first cluster comes from, and what happens to its clusters when it ends. */
export interface Source {
  take(clusters: TestClusters): Promise<Cluster>;
  release(clusters: TestClusters): Promise<void>;
  /** As release, for a test whose body may still be running. */
  abandon(clusters: TestClusters): Promise<void>;
}

/** A new cluster for each test. */
export function newClusters(options: ClusterOptions): Source {
  const stop = (clusters: TestClusters) => clusters.stop();
  return { take: (clusters) => clusters.startCluster(options), release: stop, abandon: stop };
}

/** A cluster that starts when the first test of a file needs it, and is reset before each of the others. */
export class FileCluster implements Source {
  readonly #options: ClusterOptions;
  #starting: Promise<Cluster> | undefined;
  #used = false;
  #user: TestClusters | undefined;

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  async take(clusters: TestClusters): Promise<Cluster> {
    if (this.#user) throw new Error('another test of this file is still using its cluster: use clusterPerTest for tests that run at the same time, or that time out');
    this.#user = clusters;
    this.#starting ??= Cluster.start(this.#options);
    const cluster = await this.#starting;
    if (this.#used) await cluster.reset();
    this.#used = true;
    clusters.add(cluster);
    return cluster;
  }

  /** Further clusters are the test's own; this one waits for the next test. */
  async release(clusters: TestClusters): Promise<void> {
    await clusters.stop(await this.#starting?.catch(() => undefined));
    if (this.#user === clusters) this.#user = undefined;
  }

  /** The next test gets a new cluster, which the old body does not know. */
  async abandon(clusters: TestClusters): Promise<void> {
    this.#starting = undefined;
    this.#user = undefined;
    this.#used = false;
    await clusters.stop();
  }

  async stop(): Promise<void> {
    // That it has not started, its tests have said.
    await (await this.#starting?.catch(() => undefined))?.stop();
  }
}

/** Runs a test's body, verifies what its clusters expect, and has its error end with their reports. */
export async function runTest<A extends unknown[]>(source: Source, clusters: TestClusters, body: TestBody<A>, args: A): Promise<void> {
  try {
    const cluster = await source.take(clusters);
    try {
      await body({ cluster, startCluster: clusters.startCluster }, ...args);
    } catch (error) {
      throw withReport(error, (await clusters.report()).text);
    }
    await clusters.verify();
  } finally {
    await source.release(clusters);
  }
}

/** Makes a test out of a body that gets a cluster of its own: `test('…', withCluster({ topics: ['orders'] }, async ({ cluster }) => …))`. */
export function withCluster<A extends unknown[]>(options: ClusterOptions, body: TestBody<A>): (...args: A) => Promise<void> {
  return (...args) => runTest(newClusters(options), new TestClusters(), body, args);
}
