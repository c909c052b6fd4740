import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
// Fake timers of test runners replace the global ones.
import { clearTimeout, setTimeout } from 'node:timers';
import { findBinary } from './binary.js';
import { ClusterError } from './errors.js';
import { type ClusterOptions, commandLine } from './options.js';
import { whenOrphaned } from './orphan.js';

const READY_MS = 20_000;
const STOP_MS = 5_000;
const END_MS = 1_000;
const LOG_BYTES = 64 * 1024;

/** A running program, and what its READY line said. */
export class Program {
  readonly #child: ChildProcess;
  readonly #path: string;
  readonly #closed: Promise<void>;
  #log = Buffer.alloc(0);
  #ended: string | undefined;
  #asked = false;
  #forget = () => {};
  ready: Record<string, string> = {};

  private constructor(path: string, options: ClusterOptions) {
    this.#path = path;
    // Windows: the program ends with its standard input, since a process there does not learn of its parent's end.
    const stdin = process.platform === 'win32' ? 'pipe' : 'ignore';
    const env = { ...process.env, ...options.env };
    this.#child = spawn(path, commandLine(options), { stdio: [stdin, 'pipe', 'pipe'], env, windowsHide: true });
    this.#child.stderr!.on('data', (chunk: Buffer) => {
      this.#log = Buffer.concat([this.#log, chunk]).subarray(-LOG_BYTES);
    });
    this.#closed = new Promise((done) => {
      this.#child.once('close', (code, signal) => {
        this.#ended ??= signal ? `by ${signal}` : `with status ${code}`;
        this.#forget();
        done();
      });
    });
  }

  /** Starts the program and waits until every node accepts connections. */
  static async start(options: ClusterOptions): Promise<Program> {
    const path = options.binary ?? findBinary({ ...process.env, ...options.env });
    let program;
    try {
      program = new Program(path, options);
      program.ready = await program.#readyLine(options.readyTimeout ?? READY_MS);
    } catch (error) {
      await program?.stop();
      throw describe(error, path);
    }
    program.#mayOutliveNothing();
    return program;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** The end of what the program has logged. */
  get log(): string {
    return this.#log.toString();
  }

  /** How the program has ended without being asked to. Its connections break some moments before its end is known. */
  async failure(): Promise<string | undefined> {
    if (this.#asked) return undefined;
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.#closed, new Promise((done) => (timer = setTimeout(done, END_MS)))]);
    clearTimeout(timer);
    return this.#ended && this.#describeEnd('ended without being asked to,');
  }

  /** Ends the program: politely, then by force. */
  async stop(): Promise<void> {
    this.#asked ||= this.#ended === undefined;
    if (this.#ended !== undefined || this.#child.pid === undefined) return;
    this.#child.ref();
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await this.#closed;
    clearTimeout(timer);
  }

  async #readyLine(milliseconds: number): Promise<Record<string, string>> {
    const lines = createInterface(this.#child.stdout!);
    let timer: NodeJS.Timeout | undefined;
    try {
      const line = await new Promise<string>((resolve, reject) => {
        lines.once('line', resolve);
        this.#child.once('error', reject);
        void this.#closed.then(() => reject(new ClusterError(this.#describeEnd('ended before it was ready,'))));
        timer = setTimeout(() => reject(new ClusterError(this.#late(milliseconds))), milliseconds);
      });
      return parseReady(line, this.#path);
    } finally {
      clearTimeout(timer);
      lines.close();
      // Nobody reads on, and a full pipe would block the program.
      this.#child.stdout!.resume();
    }
  }

  #late(milliseconds: number): string {
    return `${this.#path} was not ready within ${milliseconds} ms: is the machine too busy, or is it no fauxka?${this.#logEnd()}`;
  }

  #describeEnd(how: string): string {
    return `${this.#path} ${how} ${this.#ended}.${this.#logEnd()}`;
  }

  #logEnd(): string {
    return this.#log.length ? ` Its log ends with:\n${this.log.trimEnd()}` : ' It logged nothing.';
  }

  /** A cluster that somebody forgot to stop must not keep Node.js from ending. The program ends with Node.js. */
  #mayOutliveNothing(): void {
    this.#child.unref();
    for (const stream of this.#child.stdio) (stream as Socket | null)?.unref();
    this.#forget = whenOrphaned(() => void this.stop());
  }
}

function parseReady(line: string, path: string): Record<string, string> {
  const [first, ...words] = line.split(' ');
  const ready = Object.fromEntries(words.map((word) => word.split(/=(.*)/s).slice(0, 2) as [string, string]));
  if (first === 'READY' && ready['bootstrap'] && ready['control']) return ready;
  throw new ClusterError(`${path} printed ${JSON.stringify(line.slice(0, 200))} instead of READY bootstrap=… control=…: is it fauxka, and of this version?`);
}

const ADVICE: Record<string, string> = {
  EACCES: 'you may not execute it: is it a program, has it mode 755 (chmod +x), and is its file system mounted without noexec?',
  ENOENT: 'there is no such program, or it needs a loader that this system lacks: is it built for this system?',
  ENOEXEC: 'it is no program for this system: was it downloaded whole, and for this platform?',
  UNKNOWN: 'it is no program for this system: was it downloaded whole, and for this platform?',
};

function describe(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (error instanceof ClusterError || typeof code !== 'string') return error;
  const advice = ADVICE[code] ?? (error as Error).message;
  return new ClusterError(`cannot run ${path} (${process.platform}-${process.arch}): ${code}, ${advice}`, { cause: error });
}
