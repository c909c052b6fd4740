// Fake timers of test runners replace the global ones.
import { clearInterval, setInterval } from 'node:timers';

const CHECK_MS = 500;

/**
 * Calls back when the test runner that started this process has ended. Killed, it leaves workers behind that go on with their tests, and so
 * would their clusters. A process that no runner started may outlive its parent.
 */
export function whenOrphaned(callback: () => void): () => void {
  if (!isWorker()) return () => {};
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent || !runs(parent)) callback();
  }, CHECK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

// In Jest `process` is a copy, whose ppid stays what it was.
function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

// Vitest and Jest speak with their workers over a channel; node --test says so in the environment.
function isWorker(): boolean {
  return process.connected === true || process.env['NODE_TEST_CONTEXT']?.startsWith('child') === true;
}
