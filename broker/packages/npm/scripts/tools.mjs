// Where things are, and the development tools, which are installed outside of the sources by the lock file.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const HERE = fileURLToPath(new URL('..', import.meta.url));
export const ROOT = resolve(HERE, '..', '..', '..');
export const TARGET = join(ROOT, 'target', 'packages', 'npm');

const MANIFESTS = ['package.json', 'package-lock.json'];

/** Runs a program; what it prints goes to standard error, since standard output is for results. */
export function run(program, args, options = {}) {
  execFileSync(program, args, { stdio: ['ignore', 2, 2], ...options });
}

/** The folder with the development tools in node_modules. */
export function tools() {
  const folder = join(TARGET, 'tools');
  const digest = createHash('sha256');
  for (const name of MANIFESTS) digest.update(readFileSync(join(HERE, name)));
  const mark = digest.digest('hex');
  const stamp = join(folder, 'stamp');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === mark) return folder;
  mkdirSync(folder, { recursive: true });
  for (const name of MANIFESTS) copyFileSync(join(HERE, name), join(folder, name));
  run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder });
  writeFileSync(stamp, mark);
  return folder;
}
