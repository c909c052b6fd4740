import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { ClusterError } from './errors.js';

interface Manifest {
  optionalDependencies?: Record<string, string>;
}

const SCOPE = '@fauxka/';
const { optionalDependencies = {} } = require('../package.json') as Manifest;
/** The platforms that this version has a package with the program for. */
const PLATFORMS = Object.keys(optionalDependencies).map((name) => name.slice(SCOPE.length));

const PROGRAM = process.platform === 'win32' ? 'fauxka.exe' : 'fauxka';

/** Where the program is: what FAUXKA_BINARY names, else the one of this platform's package, else one on the PATH. */
export function findBinary(env: NodeJS.ProcessEnv = process.env): string {
  if (env['FAUXKA_BINARY']) return named(env['FAUXKA_BINARY']);
  const tried = ['FAUXKA_BINARY is not set'];
  return packaged(tried) ?? onPath(env, tried) ?? missing(tried);
}

function named(path: string): string {
  const full = resolve(path);
  if (existsSync(full)) return full;
  throw new ClusterError(`FAUXKA_BINARY names ${full}, and there is no such file: name the fauxka program, or unset it`);
}

function packaged(tried: string[]): string | undefined {
  const platform = `${process.platform}-${process.arch}`;
  const name = SCOPE + platform;
  if (!PLATFORMS.includes(platform)) {
    tried.push(`there is no package with the program for ${platform}: there are ${PLATFORMS.join(', ')}`);
    return undefined;
  }
  let manifest;
  try {
    manifest = require.resolve(`${name}/package.json`);
  } catch {
    tried.push(`the package ${name} is not installed: were optional dependencies left out (--omit=optional), or node_modules copied from another system?`);
    return undefined;
  }
  const path = join(dirname(manifest), 'bin', PROGRAM);
  if (existsSync(path)) return path;
  tried.push(`the package ${name} lacks ${path}: install it again`);
  return undefined;
}

function onPath(env: NodeJS.ProcessEnv, tried: string[]): string | undefined {
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter(Boolean);
  const found = folders.map((folder) => join(folder, PROGRAM)).find(isProgram);
  if (!found) tried.push(folders.length ? `no ${PROGRAM} in the ${folders.length} folders of PATH, where scripts do not count` : 'PATH is empty');
  return found;
}

// Package managers put scripts of that name there, which come back here: they would find themselves.
function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() && firstBytes(path) !== '#!';
  } catch {
    return false;
  }
}

function firstBytes(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(2);
    readSync(file, bytes);
    return bytes.toString('latin1');
  } finally {
    closeSync(file);
  }
}

function missing(tried: string[]): never {
  const list = tried.map((line) => `\n  - ${line}`).join('');
  throw new ClusterError(
    `there is no fauxka program for ${process.platform}-${process.arch}. Tried:${list}\n` +
      'Install the package again with optional dependencies, or set FAUXKA_BINARY to a program that you have built: cargo install --locked --path broker',
  );
}
