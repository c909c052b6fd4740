// Builds the packages: fauxka, and one with the program for each platform, below target/packages/npm.
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { HERE, ROOT, run, TARGET, tools } from './tools.mjs';

const PACKAGES = join(TARGET, 'packages');
const SOURCES = ['package.json', 'tsconfig.json', 'README.md', 'src', 'bin'];
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];
const LICENCES = ['LICENSE-MIT', 'LICENSE-APACHE'];

const { values } = parseArgs({
  options: {
    binary: { type: 'string', multiple: true },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log('build [--binary PLATFORM=FILE]…: the programs to pack, such as linux-arm64=fauxka; by default the one that FAUXKA names, for this platform');
  process.exit();
}

/** The programs to pack, by platform. */
function programs() {
  const given = values.binary ?? [`${process.platform}-${process.arch}=${process.env.FAUXKA ?? join(ROOT, 'target', 'release', 'fauxka')}`];
  return given.map((text) => {
    const [platform, file] = text.split(/=(.*)/s);
    if (!PLATFORMS.includes(platform)) throw new Error(`--binary ${text}: the platforms are ${PLATFORMS.join(', ')}`);
    if (!file || !existsSync(file)) throw new Error(`there is no ${file}: build it (cargo build --release -p fauxka), or name it with --binary ${platform}=FILE or FAUXKA`);
    return [platform, resolve(file)];
  });
}

function fresh(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Compiles a copy of the sources, and returns its folder. */
function compile() {
  const folder = fresh(join(TARGET, 'fauxka'));
  for (const name of SOURCES) cpSync(join(HERE, name), join(folder, name), { recursive: true });
  symlinkSync(join(tools(), 'node_modules'), join(folder, 'node_modules'));
  run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '--project', '.'], { cwd: folder });
  rmSync(join(folder, 'node_modules'));
  return folder;
}

function writeManifest(folder, manifest) {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

function pack(folder) {
  for (const name of LICENCES) copyFileSync(join(ROOT, name), join(folder, name));
  const name = execFileSync('npm', ['pack', '--silent', '--pack-destination', PACKAGES], { cwd: folder, encoding: 'utf8' }).trim();
  return join(PACKAGES, name);
}

/** The manifest that is published: without what only development needs, and with the platforms' packages. */
function published(manifest, platforms) {
  const { devDependencies: _, ...kept } = manifest;
  const version = readFileSync(join(ROOT, 'Cargo.toml'), 'utf8').match(/^version = "(.*)"$/m)[1];
  if (version !== manifest.version) throw new Error(`package.json has version ${manifest.version}, and Cargo.toml ${version}: make them the same`);
  return { ...kept, optionalDependencies: Object.fromEntries(platforms.map((platform) => [`@fauxka/${platform}`, version])) };
}

function platformManifest(manifest, platform) {
  const { version, license, homepage, bugs, repository } = manifest;
  const [os, cpu] = platform.split('-');
  const description = `The program of fauxka for ${platform}`;
  // Yarn would otherwise leave the program in an archive, where nobody can run it.
  const rest = { files: ['bin', 'LICENSE-*'], os: [os], cpu: [cpu], preferUnplugged: true };
  return { name: `@fauxka/${platform}`, version, description, license, homepage, bugs, repository, ...rest };
}

function packProgram(manifest, platform, file) {
  const folder = fresh(join(TARGET, 'platforms', platform));
  const program = join(folder, 'bin', platform.startsWith('win32') ? 'fauxka.exe' : 'fauxka');
  mkdirSync(join(folder, 'bin'));
  copyFileSync(file, program);
  chmodSync(program, 0o755);
  writeManifest(folder, platformManifest(manifest, platform));
  writeFileSync(join(folder, 'README.md'), `The program of [fauxka](https://www.npmjs.com/package/fauxka) for ${platform}. Install \`fauxka\` instead.\n`);
  return pack(folder);
}

const chosen = programs();
const folder = compile();
const platforms = chosen.map(([platform]) => platform);
const manifest = published(JSON.parse(readFileSync(join(HERE, 'package.json'), 'utf8')), platforms);
writeManifest(folder, manifest);
fresh(PACKAGES);
// What a registry says of the platforms' packages, for tests.
writeFileSync(join(PACKAGES, 'platforms.json'), JSON.stringify(platforms.map((platform) => platformManifest(manifest, platform))));
console.log([pack(folder), ...chosen.map(([platform, file]) => packProgram(manifest, platform, file))].join('\n'));
