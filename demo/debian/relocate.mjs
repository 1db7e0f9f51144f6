import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../lib/run.mjs';

/**
 * Makes programs of an unpacked root run where they lie, on that root's own C library, whatever the machine has.
 * They find themselves at /proc/self/exe, which they would not when started through the loader. Needs the package `patchelf` in `tools`.
 *
 * @param {object} options
 * @param {string} options.root where the programs are now
 * @param {string} options.final where that root will lie
 * @param {string} options.tools an unpacked root with patchelf
 * @param {string[]} options.files paths in the root; those that are linked statically are left as they are
 */
export async function relocate({ root, final, tools, files }) {
  const library = join(final, libraryFolder(root));
  const patchelf = loaderCommand(tools, 'usr/bin/patchelf');
  for (const file of files.map((name) => join(root, name))) {
    const dynamic = await run(patchelf[0], [...patchelf.slice(1), '--print-interpreter', file], { anyway: true });
    if (dynamic.code !== 0) continue;
    // DT_RPATH instead of DT_RUNPATH, so that the libraries' own needs are found there too.
    const settings = [
      '--set-interpreter',
      join(library, loaderName(root)),
      '--force-rpath',
      '--set-rpath',
      `${library}:${library}/systemd`,
    ];
    await run(patchelf[0], [...patchelf.slice(1), ...settings, file]);
  }
}

/**
 * Writes a script that runs a program of an unpacked root on that root's own C library.
 * @param {object} options
 * @param {string} options.script
 * @param {string} options.root where the root is now
 * @param {string} options.final where the root will lie
 * @param {string} options.program path in the root
 * @param {string[]} [options.args] that come before those of the caller
 * @param {Record<string, string>} [options.env]
 */
export function writeLauncher({ script, root, final, program, args = [], env = {} }) {
  const set = Object.entries(env)
    .map(([key, value]) => `${key}='${value}' `)
    .join('');
  const command = [...loaderCommand(root, program, final), ...args].map((word) => `'${word}'`).join(' ');
  writeFileSync(script, `#!/bin/sh\n${set}exec ${command} "$@"\n`);
  chmodSync(script, 0o755);
}

/** The command that runs a program of an unpacked root as it is, through that root's loader. */
function loaderCommand(root, program, final = root) {
  const library = libraryFolder(root);
  return [
    join(final, library, loaderName(root)),
    '--library-path',
    [join(final, library), join(final, library, 'systemd')].join(':'),
    join(final, program),
  ];
}

/** `usr/lib/x86_64-linux-gnu`, or what it is called on this processor. */
export function libraryFolder(root) {
  const triple = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch];
  if (!triple || !existsSync(join(root, 'usr/lib', triple))) throw new Error(`no libraries for ${process.arch} in ${root}`);
  return join('usr/lib', triple);
}

function loaderName(root) {
  const name = readdirSync(join(root, libraryFolder(root))).find((file) => /^ld-linux.*\.so\.\d$/.test(file));
  if (!name) throw new Error(`no loader in ${root}`);
  return name;
}
