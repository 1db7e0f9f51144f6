import { randomUUID } from 'node:crypto';
import { type ExitCode, exitCodes, InvalidError } from '../../domain/errors.ts';
import { oneLine } from '../../domain/inert.ts';
import type { Message } from '../../domain/notice.ts';
import { redactText } from '../../domain/redact.ts';
import { deliver } from '../../notify/deliver.ts';
import type { App } from '../app.ts';
import { hooksOf } from '../hooks.ts';

/** `pitwall notify test [NAME]`: sends a notice that says it is a test, once, and tells what came back. */
export async function notifyTestCommand(name: string | undefined, app: App): Promise<ExitCode> {
  const { out, clock } = app;
  const all = hooksOf(app.config(), app);
  const hooks = name === undefined ? all : all.filter((hook) => hook.name === name);
  if (hooks.length === 0) throw noHook(name, all);
  const notice: Message = {
    type: 'test',
    at: clock.now(),
    subject: 'pitwall notify test',
    message: `this is a test, sent by ${app.actor}: nothing has failed`,
    data: {},
  };
  const answers = await Promise.all(
    hooks.map(async (hook) => {
      const { ok, status, host, note, said } = await deliver(hook, notice, `test-${randomUUID()}`, {
        now: clock.now(),
        signal: new AbortController().signal,
        version: app.version,
      });
      return { hook: hook.name, host, ok, status, note, said: oneLine(redactText(said.trim()), 200), signed: hook.secret !== null };
    }),
  );
  out.data(answers);
  for (const { hook, host, ok, note, said, signed } of answers) {
    const where = host === null ? hook : `${hook} (${host}${signed ? ', signed' : ''})`;
    out.line(`${out.paint(ok ? 'good' : 'bad', ok ? 'sent' : 'not sent')}  ${where}: ${note}${said === '' ? '' : `: ${said}`}`);
  }
  return answers.every(({ ok }) => ok) ? exitCodes.ok : exitCodes.failed;
}

/** `pitwall notify list`: what somebody should have heard of, and whether each hook has it. */
export async function notifyListCommand({ limit }: { readonly limit: string }, app: App): Promise<ExitCode> {
  const most = Number(limit);
  if (!Number.isInteger(most) || most < 1 || most > 10_000)
    throw new InvalidError('usage', `--limit ${limit} is not a number from 1 to 10000`);
  const notices = (await app.store()).notices.list(most).map(({ id, type, subject, message, data, at, deliveries }) => ({
    id,
    type,
    subject,
    message,
    data,
    at: new Date(at).toISOString(),
    deliveries: deliveries.map(({ nextAt, ...delivery }) => ({ ...delivery, nextAt: new Date(nextAt).toISOString() })),
  }));
  app.out.data(notices);
  app.out.table(
    ['AT', 'TYPE', 'NOTICE', 'HOOKS'],
    notices.map(({ at, type, message, deliveries }) => [
      at,
      type,
      oneLine(message, 100),
      deliveries.map(({ hook, state, note }) => `${hook}: ${state}${note === null || state === 'sent' ? '' : ` (${note})`}`).join(', ') ||
        '-',
    ]),
  );
  return exitCodes.ok;
}

function noHook(name: string | undefined, all: readonly { readonly name: string }[]): InvalidError {
  const known = all.map((hook) => hook.name).join(', ');
  return name === undefined
    ? new InvalidError('no_hook', 'the configuration names no hook', {
        hint: 'notify: [ { name: ops, url: { env: OPS_WEBHOOK } } ] in pitwall.yaml',
      })
    : new InvalidError('unknown_hook', `there is no hook "${name}"`, {
        hint: known === '' ? 'the configuration names none' : `one of: ${known}`,
      });
}
