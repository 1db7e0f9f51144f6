import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Crash } from './crash-child.ts';

const child = fileURLToPath(new URL('crash-child.ts', import.meta.url));

/** Whether it died by its own SIGKILL; false: it got to its end, for what it was to die at never came. */
export async function crashes(crash: Crash): Promise<boolean> {
  const started = spawn(process.execPath, ['--import', 'tsx', child, JSON.stringify(crash)], { stdio: ['ignore', 'inherit', 'pipe'] });
  let said = '';
  started.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  const [code, signal] = (await once(started, 'close')) as [number | null, NodeJS.Signals | null];
  if (signal === 'SIGKILL') return true;
  if (code === 0) return false;
  throw new Error(`the process that was to be killed ended with ${code}: ${said}`);
}
