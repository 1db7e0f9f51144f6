import { chmodSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { which } from '../lib/run.mjs';
import { hasDebianTools } from './archive.mjs';
import { unpackPackages } from './packages.mjs';
import { libraryFolder, relocate } from './relocate.mjs';
import { relocationTools } from './tools.mjs';

/**
 * What has to be laid over the environment so that a native module can be compiled: nothing where the machine has a compiler, make and
 * Python; the packages of this machine's own release, unpacked in the cache, where it lacks one of them and has apt.
 *
 * @param {{ log?: (line: string) => void }} [options]
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function compilerEnv({ log } = {}) {
  const present = await Promise.all([['c++', 'g++', 'clang++'], ['make'], ['python3', 'python']].map(anyOf));
  if (present.every(Boolean) || !(await hasDebianTools())) return {};
  const tools = await relocationTools({ log });
  // Of this machine's release, because what it compiles runs on this machine's C library.
  const root = await unpackPackages('host', ['g++', 'make', 'python3'], { log, finish: (at, final) => finishCompiler(at, final, tools) });
  const bin = join(root, BIN);
  return {
    PATH: [bin, process.env.PATH].join(delimiter),
    CC: join(bin, 'gcc'),
    CXX: join(bin, 'g++'),
    npm_config_python: join(bin, 'python3'),
  };
}

const BIN = 'pitwall/bin';

async function anyOf(names) {
  for (const name of names) if (await which(name)) return true;
  return false;
}

async function finishCompiler(root, final, tools) {
  await relocate({ root, final, tools, files: programs(root) });
  mkdirSync(join(root, BIN), { recursive: true });
  // The compiler finds its own parts beside itself; headers and libraries it looks for in the root that it is told.
  for (const [name, program] of [
    ['gcc', 'gcc'],
    ['cc', 'gcc'],
    ['g++', 'g++'],
    ['c++', 'g++'],
  ]) {
    script(root, name, `exec '${join(final, 'usr/bin', program)}' --sysroot='${final}' "$@"`);
  }
  for (const name of ['as', 'ld', 'ar', 'ranlib', 'nm', 'strip', 'objcopy', 'make'])
    script(root, name, `exec '${join(final, 'usr/bin', name)}' "$@"`);
  script(root, 'python3', `exec env PYTHONHOME='${join(final, 'usr')}' '${join(final, 'usr/bin/python3')}' "$@"`);
}

function script(root, name, command) {
  writeFileSync(join(root, BIN, name), `#!/bin/sh\n${command}\n`);
  chmodSync(join(root, BIN, name), 0o755);
}

/** Every program of the root that may be run: those of /usr/bin, and the parts that the compiler calls. */
function programs(root) {
  const compilers = ['usr/libexec/gcc', join('usr/lib/gcc')].flatMap((folder) => below(root, folder));
  const all = [...below(root, 'usr/bin', false), ...compilers];
  return all.filter((file) => {
    const stat = lstatSync(join(root, file));
    return stat.isFile() && (stat.mode & 0o111) !== 0 && !/\.(so|a|o)(\.|$)/.test(file) && !file.startsWith(libraryFolder(root));
  });
}

function below(root, folder, deep = true) {
  const entries = lstatSync(join(root, folder), { throwIfNoEntry: false }) ? readdirSync(join(root, folder), { withFileTypes: true }) : [];
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return deep ? below(root, path) : [];
    return [path];
  });
}
