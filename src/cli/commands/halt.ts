import { instant } from '../../domain/clock.ts';
import { type ExitCode, exitCodes } from '../../domain/errors.ts';
import type { App } from '../app.ts';
import { audited } from '../audited.ts';

/** `pitwall halt`: ends every run, with its undo, and lets no new one begin until `unhalt`. */
export async function haltCommand(flags: { readonly reason?: string }, app: App): Promise<ExitCode> {
  const { out } = app;
  const store = await app.store();
  const act = { act: 'halt', object: null, data: { reason: flags.reason ?? null } };
  await audited(act, app, () => store.control.halt(app.actor, flags.reason ?? ''));
  const open = store.runs.unended().length;
  out.data(store.control.halted());
  out.line(
    `halted: no drill begins until pitwall unhalt${open > 0 ? `; ${open} running ${open === 1 ? 'is' : 'are'} being ended, with the undo` : ''}`,
  );
  return exitCodes.ok;
}

export async function unhaltCommand(app: App): Promise<ExitCode> {
  const { out } = app;
  const store = await app.store();
  const was = store.control.halted();
  await audited({ act: 'unhalt', object: null, data: null }, app, () => store.control.unhalt(app.actor));
  out.data({ halted: false, wasHalted: was !== null });
  out.line(was === null ? 'nothing was halted' : `drills may begin again; they were halted since ${instant(was.at)} by ${was.by}`);
  return exitCodes.ok;
}
