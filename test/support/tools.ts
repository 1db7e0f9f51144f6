import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Programs of others that tests check our files with. */
export type Tool = 'checkpointctl' | 'gdb' | 'gcc';

/** Where it is, or the reason for which it cannot be had. */
export type Found = { readonly path: string } | { readonly missing: string };

interface Fetched {
  readonly suite: string;
  readonly package: string;
  readonly program: string;
}

const packages: Readonly<Record<Exclude<Tool, 'gcc'>, Fetched>> = {
  checkpointctl: { suite: 'trixie', package: 'checkpointctl', program: 'usr/bin/checkpointctl' },
  // Without Python, which the whole one brings.
  gdb: { suite: 'host', package: 'gdb-minimal', program: 'usr/bin/gdb' },
};

/** From PATH; else from Debian's packages, unpacked in the cache as everything is that the demo needs, without installing anything. */
export async function findTool(tool: Tool): Promise<Found> {
  try {
    return { path: (await promisify(execFile)('/bin/sh', ['-c', `command -v ${tool}`])).stdout.trim() };
  } catch {
    // It is not on PATH.
  }
  try {
    const { hasDebianTools } = await demo<{ hasDebianTools(): Promise<boolean> }>('debian/archive.mjs');
    if (!(await hasDebianTools())) return { missing: `${tool} is not on PATH, and there is no apt to fetch it with` };
    return { path: tool === 'gcc' ? await compiler() : await fetched(packages[tool]) };
  } catch (error) {
    return { missing: `${tool} is not on PATH and cannot be fetched: ${error instanceof Error ? error.message : String(error)}` };
  }
}

async function compiler(): Promise<string> {
  const { compilerEnv } = await demo<{ compilerEnv(): Promise<NodeJS.ProcessEnv> }>('debian/compiler.mjs');
  return (await compilerEnv()).CC ?? 'cc';
}

async function fetched({ suite, package: name, program }: Fetched): Promise<string> {
  const { unpackPackages } = await demo<{ unpackPackages: Unpack }>('debian/packages.mjs');
  const { writeLauncher } = await demo<{ writeLauncher(options: Launcher): void }>('debian/relocate.mjs');
  const script = join('pitwall', 'bin', name);
  const root = await unpackPackages(suite, [name], {
    finish: async (at, final) => {
      mkdirSync(join(at, 'pitwall', 'bin'), { recursive: true });
      writeLauncher({ script: join(at, script), root: at, final, program });
    },
  });
  return join(root, script);
}

interface Launcher {
  readonly script: string;
  readonly root: string;
  readonly final: string;
  readonly program: string;
}

type Unpack = (
  suite: string,
  names: string[],
  options: { readonly finish: (at: string, final: string) => Promise<void> },
) => Promise<string>;

/** The demo's own means, which are not typed. */
async function demo<T>(path: string): Promise<T> {
  return (await import(new URL(`../../demo/${path}`, import.meta.url).href)) as T;
}
