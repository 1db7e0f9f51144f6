import { socketError } from '../../../../checks/socket-error.ts';
import type { SecretRef } from '../../../../config/fields.ts';
import type { Clock } from '../../../../domain/clock.ts';
import { formatDuration } from '../../../../domain/duration.ts';
import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import type { Secret } from '../../../../domain/secret.ts';
import type { Askers } from './askers.ts';
import { type HttpAnswer, type HttpRequest, httpRequest } from './http-request.ts';
import type { Input } from './input.ts';
import { failed, type Outcome, outputBytes } from './outcome.ts';
import type { HttpStep } from './step.ts';
import { fill, fillText, UnknownValue } from './template.ts';

export interface HttpIo {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly askers: Askers;
  secret(ref: SecretRef, what: string): Secret;
}

/** Asks from beside the container, or from here when there is none. Rejects with the signal's reason, or with an `EngineError`. */
export async function runHttp(step: HttpStep, input: Input, from: ContainerInspect | null, io: HttpIo): Promise<Outcome> {
  io.signal.throwIfAborted();
  const request = requestOf(step, input, io);
  if ('ok' in request) return request;
  const answer = await asked(request, step.timeoutMs, from, io);
  if (answer === null) return failed('was not answered: the helper that asks ended or hangs');
  if ('failed' in answer) return answer.failed === 'ABORT_ERR' ? late(step) : failed(`failed: ${wordsOf(answer.failed)}`, 'server_down');
  const { status, body, truncated } = answer;
  if (step.status === null ? status >= 200 && status <= 299 : step.status.includes(status)) return { ok: true, output: body, truncated };
  const expected = step.status?.join(' or ') ?? '200 to 299';
  const code = status === 401 || status === 403 ? 'admin_refused' : status >= 500 ? 'server_down' : 'step_failed';
  return failed(`was answered with status ${status}, expected ${expected}`, code);
}

function requestOf(step: HttpStep, input: Input, io: HttpIo): HttpRequest | Outcome {
  try {
    const headers = Object.entries(step.headers).map(([name, value]) => [
      name,
      typeof value === 'string'
        ? fillText(value, input)
        : value.prefix + io.secret(value.ref, `header ${name} of step ${input.step}`).reveal(),
    ]);
    const content = step.body === 'input' ? input : step.body === null ? null : fill(step.body.template, input);
    return {
      url: fillText(step.url, input, encodeURIComponent),
      method: step.method,
      headers: Object.fromEntries(headers) as Record<string, string>,
      body: content === null ? null : JSON.stringify(content),
      maxBytes: outputBytes,
    };
  } catch (error) {
    if (error instanceof UnknownValue) return failed(`cannot be asked: {${error.placeholder}} is not known`);
    throw error;
  }
}

async function asked(request: HttpRequest, timeoutMs: number, from: ContainerInspect | null, io: HttpIo): Promise<HttpAnswer | null> {
  if (from !== null) {
    const asker = await io.askers.beside(from);
    if (asker === null) return null;
    let answer: HttpAnswer | null = null;
    try {
      answer = await asker.ask(request, timeoutMs, io.signal);
    } finally {
      if (answer === null) await io.askers.drop(from);
    }
    return answer;
  }
  const cut = new AbortController();
  const alarm = new AbortController();
  const abort = () => cut.abort();
  io.signal.addEventListener('abort', abort, { once: true });
  io.clock.sleep(timeoutMs, alarm.signal).then(abort, () => undefined);
  try {
    const answer = await httpRequest(request, cut.signal);
    io.signal.throwIfAborted();
    return answer;
  } finally {
    alarm.abort();
    io.signal.removeEventListener('abort', abort);
  }
}

function late(step: HttpStep): Outcome {
  return failed(`was not answered within ${formatDuration(step.timeoutMs)}`, 'server_down');
}

function wordsOf(code: string | null): string {
  return socketError(code === null ? null : Object.assign(new Error(), { code }));
}
