/** In a helper container: tries credentials as it is told on its standard input, until that ends. */
import { createInterface } from 'node:readline';
import { singleLookup } from '../lookup.ts';
import { carryOut, logIn, openSession } from './attempts.ts';
import { batch } from './batch.ts';
import type { Attempt, Request, Said } from './lines.ts';
import { runSeries } from './run-series.ts';

export async function run(_args: readonly string[], signal: AbortSignal): Promise<number> {
  beSilent();
  const network = { lookup: singleLookup() };
  const out = batch(say);
  const running = new Map<number, AbortController>();
  let place = 0;
  say({ ready: true });
  for await (const line of createInterface({ input: process.stdin, signal })) {
    const request = JSON.parse(line) as Request;
    // not awaited: nothing waits for what was asked before it
    obey(request).catch(() => process.exit(1));
  }
  for (const series of running.values()) series.abort();
  return 0;

  async function obey(request: Request): Promise<void> {
    switch (request.do) {
      case 'time':
        return say({ time: now(), of: request.id });
      case 'start':
        return series(request);
      case 'stop':
        return running.get(request.id)?.abort();
      case 'once':
        return once(request);
      case 'command':
        return say({ answers: await carryOut(request, network), of: request.id });
    }
  }

  async function series(request: Extract<Request, { do: 'start' }>): Promise<void> {
    const { id, mode, everyMs } = request;
    const stop = new AbortController();
    running.set(id, stop);
    const session = mode === 'session' ? openSession(request, network) : null;
    const attempt = async () => {
      const verdict = await (session?.ask() ?? logIn(request, network));
      return { verdict, last: session?.over() ?? false };
    };
    await runSeries(attempt, (sample) => out.add(id, sample), { everyMs, place: place++, now, signal: stop.signal });
    session?.leave();
    running.delete(id);
    out.flush();
    say({ over: id });
  }

  async function once(request: Attempt): Promise<void> {
    const due = now();
    const verdict = await logIn(request, network);
    out.add(request.id, { due, started: due, ended: now(), ...verdict });
    out.flush();
  }
}

/** CLOCK_MONOTONIC, ms. */
function now(): number {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1_000 + nanos / 1_000_000;
}

function say(said: Said): void {
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

/** Warnings of libraries and traces of defects may quote what they were given. */
function beSilent(): void {
  process.stderr.write = () => true;
  process.on('uncaughtException', () => process.exit(70));
}
