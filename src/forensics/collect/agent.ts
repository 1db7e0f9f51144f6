/** The collector's end in a helper container: `run` of `helper-main.ts`. Leans on Node and on our own files alone. */
import { write } from 'node:fs';
import { promisify } from 'node:util';
import type { EvidenceSink } from '../../domain/evidence.ts';
import { findProcesses } from '../proc/processes.ts';
import { encodeHead, type FrameType, type Question } from './frames.ts';
import type { CollectRequest, CollectScope } from './request.ts';
import { runStep } from './steps.ts';

const writeTo = promisify(write);
const stdout = 1;
const proc = '/proc';
/** ms. A write that nobody reads holds a thread, and with it the end of the process: this ends it. */
const lastResort = 1_000;

/** Answers until its input ends. */
export async function run(_args: readonly string[], signal: AbortSignal): Promise<number> {
  signal.addEventListener('abort', () => setTimeout(() => process.kill(process.pid, 'SIGKILL'), lastResort));
  let scope: CollectScope | null = null;
  let step: { readonly stop: AbortController; readonly done: Promise<void> } | null = null;
  for await (const line of lines(process.stdin)) {
    if (signal.aborted) break;
    const question = JSON.parse(line) as Question;
    if ('cancel' in question) step?.stop.abort(new Error('it was called off'));
    else if ('open' in question) {
      const { containerId, volumes } = question.open;
      scope = { proc, containerId, volumes, processes: findProcesses(proc, containerId) };
      await sendJson('ready', scope.processes);
    } else if (scope !== null) {
      await step?.done;
      const stop = new AbortController();
      step = { stop, done: answer(scope, question.run, stop.signal) };
    }
  }
  step?.stop.abort(new Error('its input has ended'));
  return 0;
}

async function answer(scope: CollectScope, request: CollectRequest, signal: AbortSignal): Promise<void> {
  try {
    await sendJson('result', await runStep(scope, request, { sink: frameSink, signal }));
  } catch (error) {
    await sendJson('failure', { message: error instanceof Error ? error.message : String(error) });
  }
}

const frameSink: EvidenceSink = {
  async file(path, size) {
    await sendJson('file', { path, size });
    return {
      async write(chunk) {
        await sendAll(encodeHead('data', chunk.length));
        await sendAll(chunk);
      },
      close: () => sendAll(encodeHead('close', 0)),
    };
  },
};

function sendJson(type: FrameType, value: unknown): Promise<void> {
  const body = Buffer.from(JSON.stringify(value));
  return sendAll(Buffer.concat([encodeHead(type, body.length), body]));
}

/** Done when the pipe has taken it: Node's own stream would gather what Pitwall does not read in time. */
async function sendAll(bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += (await writeTo(stdout, bytes, at, bytes.length - at, null)).bytesWritten;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

async function* lines(input: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  for await (const chunk of input) {
    let at = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, at)) {
      yield Buffer.concat([...parts, chunk.subarray(at, end)]).toString();
      parts = [];
      at = end + 1;
    }
    parts.push(chunk.subarray(at));
  }
}
