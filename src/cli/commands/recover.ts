import type { ExitCode } from '../../domain/errors.ts';
import { recover } from '../../runner/recover.ts';
import type { App } from '../app.ts';
import { audited } from '../audited.ts';

/** `pitwall recover`: settles what a killed process left behind. Nothing to do is success. */
export async function recoverCommand(flags: { readonly allInstances?: boolean }, app: App): Promise<ExitCode> {
  const { out } = app;
  const deps = await app.runner();
  const engines = await app.engines();
  const allInstances = flags.allInstances === true;
  const recovery = await audited({ act: 'recover', object: null, data: { allInstances } }, app, () =>
    recover(engines, deps, { allInstances }),
  );
  out.data(recovery);
  for (const sentence of recovery.done) out.line(sentence);
  for (const sentence of recovery.residue) out.line(out.paint('bad', `left behind: ${sentence}`));
  for (const sentence of recovery.notices) out.warn(sentence);
  for (const engine of recovery.unreachable) out.warn(`engine ${engine} could not be asked`);
  if (recovery.done.length + recovery.residue.length + recovery.notices.length + recovery.unreachable.length === 0)
    out.line('nothing to recover');
  return recovery.exitCode;
}
