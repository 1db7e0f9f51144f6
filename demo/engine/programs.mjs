import { chmodSync, copyFileSync, existsSync, lstatSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpackPackages } from '../debian/packages.mjs';
import { libraryFolder, relocate, writeLauncher } from '../debian/relocate.mjs';
import { relocationTools } from '../debian/tools.mjs';

/**
 * Docker Engine, its client, Compose, a registry and CRIU from Debian packages, made to run from the cache.
 *
 * @param {string} suite trixie (Docker 26.1), bookworm (20.10) or sid (the newest)
 * @param {{ log?: (line: string) => void }} [options]
 * @returns {Promise<{ bin: string, tools: string, compose: string }>} `bin`: the programs; `tools`: what they need of the machine
 *   (iptables, ip, ps), to come last on PATH, for machines that lack it; `compose`: the path of Compose
 */
export async function enginePrograms(suite, { log } = {}) {
  const tools = await relocationTools({ log });
  // Before 4.2, CRIU cannot dump a socket on kernels from 6.16 on, nor run at all (3.17) from 6.13 on: sid's, for every suite.
  const criu = await unpackPackages('sid', ['criu'], { log, finish: (root, final) => finishCriu(root, final, tools) });
  // Debian 12 has its client in docker.io, and only the old Compose that is not compatible: it gets the one of Debian 13.
  const clients = suite === 'bookworm' ? [] : ['docker-cli', 'docker-compose'];
  const packages = ['docker.io', 'docker-registry', ...clients, 'iptables', 'iproute2', 'procps'];
  const root = await unpackPackages(suite, packages, { log, finish: (at, final) => finishEngine(at, final, tools, criu) });
  const compose = join(suite === 'bookworm' ? (await clientPrograms({ log })).bin : join(root, BIN), 'docker-compose');
  return { bin: join(root, BIN), tools: join(root, TOOLS), compose };
}

/** The client and Compose alone, for a machine that has an engine but not these. */
export async function clientPrograms({ log } = {}) {
  const tools = await relocationTools({ log });
  const root = await unpackPackages('trixie', ['docker-cli', 'docker-compose'], {
    log,
    finish: async (at, final) => {
      mkdirSync(join(at, BIN), { recursive: true });
      await place(at, final, tools, ['docker', 'docker-compose']);
    },
  });
  return { bin: join(root, BIN) };
}

const BIN = 'pitwall/bin';
const TOOLS = 'pitwall/tools';

async function finishEngine(root, final, tools, criu) {
  mkdirSync(join(root, BIN), { recursive: true });
  mkdirSync(join(root, TOOLS), { recursive: true });
  await place(root, final, tools, [
    'dockerd',
    'containerd',
    'containerd-shim-runc-v2',
    'runc',
    'docker-proxy',
    'docker-registry',
    'docker',
    'docker-compose',
  ]);
  copyFileSync(join(root, 'usr/bin/tini-static'), join(root, BIN, 'docker-init'));
  symlinkSync(join(criu, BIN, 'criu'), join(root, BIN, 'criu'));
  const plugins = join('/', libraryFolder(root), 'xtables');
  for (const name of ['iptables', 'iptables-save', 'iptables-restore', 'ip6tables', 'ip6tables-save', 'ip6tables-restore']) {
    writeLauncher({
      script: join(root, TOOLS, name),
      root,
      final,
      program: 'usr/sbin/xtables-nft-multi',
      args: [name],
      env: { XTABLES_LIBDIR: final + plugins },
    });
  }
  writeLauncher({
    script: join(root, TOOLS, 'ip'),
    root,
    final,
    program: existsSync(join(root, 'usr/sbin/ip')) ? 'usr/sbin/ip' : 'usr/bin/ip',
  });
  writeLauncher({ script: join(root, TOOLS, 'ps'), root, final, program: 'usr/bin/ps' });
}

async function finishCriu(root, final, tools) {
  mkdirSync(join(root, BIN), { recursive: true });
  const real = join(final, BIN, 'criu.real');
  copyFileSync(join(root, 'usr/sbin/criu'), join(root, BIN, 'criu.real'));
  await relocate({ root, final, tools, files: [join(BIN, 'criu.real')] });
  // Without tcp-established a checkpoint fails on every open connection. The engine offers no way to say so, and its own file for
  // it lies in the machine's /etc.
  writeFileSync(join(root, BIN, 'criu.conf'), 'tcp-established\nfile-locks\next-unix-sk\n');
  writeFileSync(join(root, BIN, 'criu'), `#!/bin/sh\nCRIU_CONFIG_FILE='${join(final, BIN, 'criu.conf')}' exec '${real}' "$@"\n`);
  chmodSync(join(root, BIN, 'criu'), 0o755);
}

async function place(root, final, tools, names) {
  for (const name of names) {
    const found = FOLDERS.map((folder) => join(root, folder, name)).find((file) => lstatSync(file, { throwIfNoEntry: false })?.isFile());
    if (!found) continue;
    renameSync(found, join(root, BIN, name));
    chmodSync(join(root, BIN, name), 0o755);
  }
  await relocate({ root, final, tools, files: names.map((name) => join(BIN, name)).filter((file) => existsSync(join(root, file))) });
}

const FOLDERS = ['usr/sbin', 'usr/bin', 'usr/libexec/docker', 'usr/lib/docker', 'usr/libexec/docker/cli-plugins'];
