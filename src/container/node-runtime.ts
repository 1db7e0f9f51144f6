import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { FailedError } from '../domain/errors.ts';
import { readExecutable } from './elf.ts';
import type { HelperFile } from './helper-files.ts';

/** Where the helper image has its node. */
export const nodePath = '/pitwall/bin/node';

/**
 * A node binary and what it needs to run in an otherwise empty image: its loader and the shared libraries that this loader finds for
 * it, glibc's modules for name lookups, which it opens by name, and what it was built to read from its machine. `defines`: what it was
 * compiled with (`process.config`). Throws `helper_node` where it is not made for Linux.
 */
export async function nodeRuntime(node: string, defines: readonly string[]): Promise<HelperFile[]> {
  const interpreter = (await readExecutable(node))?.interpreter;
  if (interpreter === undefined) {
    throw new FailedError('helper_node', `the helper image cannot be made from ${node}: it is no Linux program`, {
      hint: 'run Pitwall on Linux or in its own container, or name an image in helper.image',
    });
  }
  const own = [{ path: nodePath, source: node, mode: 0o755 }, ...outerBuiltins(defines)];
  if (interpreter === null) return own;
  const libraries = await list(interpreter, node);
  // The loader looks here without being told to, wherever it found them on this machine.
  const folder = dirname(libraries.find((path) => basename(path) === 'libc.so.6') ?? interpreter);
  const modules = await present(lookupModules.map((name) => join(folder, name)));
  const files = [...new Set([...libraries, ...modules])].map((source) => ({ path: join(folder, basename(source)), source, mode: 0o755 }));
  return [...own, { path: interpreter, source: interpreter, mode: 0o755 }, ...files.filter(({ path }) => path !== interpreter)];
}

/** Part of libc itself from glibc 2.34 on. */
const lookupModules = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2'];

/** Debian's node keeps some of its built-in modules beside it, where it was compiled to find them. */
function outerBuiltins(defines: readonly string[]): HelperFile[] {
  const paths = defines.flatMap((define) => /^NODE_SHARED_BUILTIN_\w+_PATH="?(\/[^"]+)"?$/.exec(define)?.[1] ?? []);
  return paths.map((path) => ({ path, source: path, mode: 0o644 }));
}

/** What `ldd` does, without it: the loader itself says what it would load. Both glibc's and musl's understand `--list`. */
async function list(interpreter: string, node: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(interpreter, ['--list', node], { timeout: 10_000, env: {} });
  return stdout.split('\n').flatMap((line) => /(?:=>\s*|^\s*)(\/\S+)\s+\(0x/.exec(line)?.[1] ?? []);
}

async function present(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => [path],
        () => [],
      ),
    ),
  );
  return found.flat();
}
