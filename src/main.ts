#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { createOutput } from './cli/output.ts';
import { execute } from './cli/program.ts';
import { exitCodeOf } from './domain/errors.ts';
import { openApp } from './open-app.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
const argv = process.argv.slice(2);

// `pitwall run … | head` closes our output early, and a terminal may go away: nobody reads on, but what was begun is still put back
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}

try {
  process.exitCode = await execute(argv, {
    version,
    open: (flags) => openApp(flags, version),
    write: (text) => process.stdout.write(text),
  });
} catch (error) {
  createOutput(argv.includes('--json'), { stdout: process.stdout, stderr: process.stderr, env: process.env }).error(error);
  if (process.env.PITWALL_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exitCode = exitCodeOf(error);
}
