import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from '../../src/domain/words.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Answer {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A home of its own, and the built command working in it. */
export interface Pitwall extends Disposable {
  readonly home: string;
  file(name: string, text: string): string;
  /** Waits for the end. */
  call(...args: string[]): Promise<Answer>;
  /** `run … --json`: the record, and the exit code. */
  run(...args: string[]): Promise<{ readonly exitCode: number | null; readonly record: RunRecord; readonly stderr: string }>;
  start(...args: string[]): Started;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Answer>;
  /** Resolves once the text was seen on either stream; rejects when the process ends before. */
  saw(text: string | RegExp): Promise<void>;
}

export function pitwall(env: NodeJS.ProcessEnv = {}): Pitwall {
  const home = mkdtempSync(join(tmpdir(), 'pitwall-test-'));
  const start = (...args: string[]): Started => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: home,
      env: { ...process.env, CI: '', PITWALL_HOME: home, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    const watchers = new Set<() => void>();
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk;
      for (const watcher of watchers) watcher();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk;
      for (const watcher of watchers) watcher();
    });
    const ended = new Promise<Answer>((resolve) => child.on('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr })));
    const saw = (text: string | RegExp) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (!(typeof text === 'string' ? stdout.includes(text) || stderr.includes(text) : text.test(stdout) || text.test(stderr))) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
        void ended.then(() => reject(new Error(`ended before ${text} was seen:\n${stdout}\n${stderr}`)));
      });
    return { child, ended, saw };
  };
  return {
    home,
    file(name, text) {
      const path = join(home, name);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    start,
    call: (...args) => start(...args).ended,
    async run(...args) {
      const answer = await start('run', ...args, '--json').ended;
      if (answer.stdout === '') throw new Error(`no record (exit ${answer.exitCode}): ${answer.stderr}`);
      return { exitCode: answer.exitCode, record: JSON.parse(answer.stdout) as RunRecord, stderr: answer.stderr };
    },
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}
