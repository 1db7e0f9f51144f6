import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const pitwall = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Runs a whole command and times it from outside. */
export async function timed(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ ms: number; stdout: string; exitCode: number }> {
  const begun = performance.now();
  return await new Promise((resolve) => {
    execFile(process.execPath, [...args], { env, maxBuffer: 64 << 20 }, (error, stdout) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ ms: performance.now() - begun, stdout, exitCode: code });
    });
  });
}
