import { type ExitCode, exitCodes, InvalidError } from '../../domain/errors.ts';
import { formatSize, parseSize } from '../../domain/size.ts';
import type { App } from '../app.ts';
import { audited } from '../audited.ts';
import { settleDueLeases } from '../due-leases.ts';
import { caseRow } from '../view/evidence.ts';
import { showCase } from './evidence-show.ts';
import { durationOf } from './freeze.ts';

export interface ListFlags {
  readonly held?: boolean;
  readonly limit: string;
}

/** `pitwall evidence list`: newest first. */
export async function evidenceListCommand(flags: ListFlags, app: App): Promise<ExitCode> {
  const { out } = app;
  const limit = Number(flags.limit);
  if (!Number.isInteger(limit) || limit < 1) throw new InvalidError('usage', `--limit ${flags.limit}: expected a whole number from 1`);
  await settleDueLeases(app);
  const store = await app.store();
  const cases = store.evidence.list({ limit, ...(flags.held ? { held: true } : {}) });
  out.data(cases);
  if (cases.length === 0) out.line(flags.held ? 'no container is held' : 'no evidence yet');
  else
    out.table(
      ['EVIDENCE', 'TAKEN', 'CONTAINER', 'STATE', 'SEAL', 'SIZE', 'HOLD', 'REGISTRY', 'REASON'],
      cases.map((one) => caseRow(out, one, app.clock.now())),
    );
  return exitCodes.ok;
}

/** `pitwall evidence show ID`. */
export async function evidenceShowCommand(id: string, flags: { readonly files?: boolean }, app: App): Promise<ExitCode> {
  await settleDueLeases(app);
  const forensics = await app.forensics();
  const detail = await forensics.show(id, { openFiles: flags.files === true });
  app.out.data(detail);
  showCase(app.out, detail, app.clock.now());
  return exitCodes.ok;
}

/** `pitwall evidence verify ID|FILE`: 0 when every byte is as it was signed, 1 when not. */
export async function evidenceVerifyCommand(
  reference: string,
  flags: { readonly key?: string; readonly offline?: boolean },
  app: App,
): Promise<ExitCode> {
  const { out } = app;
  const forensics = await app.forensics();
  const verification = await forensics.verify(reference, { key: flags.key, offline: flags.offline === true });
  out.data(verification);
  for (const { path, problem } of verification.problems) out.line(`${out.paint('bad', 'broken')}  ${path}: ${problem}`);
  for (const note of verification.notes) out.warn(note);
  out.line(
    verification.ok
      ? `${out.paint('good', 'verified')}  ${verification.checked} files, signed by key ${verification.signedBy?.slice(0, 16)}…`
      : `${out.paint('bad', 'not verified')}  ${verification.problems.length} of ${verification.checked} are not as they were signed`,
  );
  return verification.ok ? exitCodes.ok : exitCodes.failed;
}

/** `pitwall evidence export ID --out FILE`. */
export async function evidenceExportCommand(id: string, flags: { readonly out: string }, app: App): Promise<ExitCode> {
  const { out } = app;
  const forensics = await app.forensics();
  const act = { act: 'evidence export', object: id, data: { out: flags.out } };
  const written = await audited(act, app, () => forensics.export(id, flags.out));
  out.data(written);
  out.line(`${flags.out}: ${formatSize(written.bytes)}, sha256 ${written.sha256}`);
  return exitCodes.ok;
}

export interface PruneFlags {
  readonly olderThan?: string;
  readonly keepBytes?: string;
  readonly dryRun?: boolean;
}

/** `pitwall evidence prune`: by age and by disk budget; never a case whose container is held, unless its bytes are elsewhere too. */
export async function evidencePruneCommand(flags: PruneFlags, app: App): Promise<ExitCode> {
  const { out } = app;
  if (flags.olderThan === undefined && flags.keepBytes === undefined) {
    throw new InvalidError('usage', 'say what may go: --older-than 90d, --keep-bytes 50GiB, or both');
  }
  const budget = flags.keepBytes === undefined ? undefined : parseSize(flags.keepBytes);
  if (budget?.ok === false) throw new InvalidError('usage', `--keep-bytes ${flags.keepBytes} ${budget.problem}`);
  const forensics = await app.forensics();
  const { olderThan = null, keepBytes = null, dryRun = false } = flags;
  const olderThanMs = olderThan === null ? undefined : durationOf('--older-than', olderThan);
  const act = { act: 'evidence prune', object: null, data: { olderThan, keepBytes, dryRun } };
  const pruned = await audited(act, app, () => forensics.prune({ olderThanMs, keepBytes: budget?.value, dryRun }));
  out.data(pruned);
  for (const { id, bytes } of pruned.removed) out.line(`${flags.dryRun ? 'would remove' : 'removed'} ${id}, ${formatSize(bytes)}`);
  for (const { id, reason } of pruned.kept) out.line(out.paint('quiet', `kept ${id}: ${reason}`));
  if (pruned.removed.length === 0) out.line('nothing to remove');
  return exitCodes.ok;
}

/** `pitwall evidence open ID [-- COMMAND]`: the committed file system in a locked-down clone. */
export async function evidenceOpenCommand(
  id: string,
  command: readonly string[],
  flags: { readonly restore?: boolean },
  app: App,
): Promise<ExitCode> {
  const forensics = await app.forensics();
  const { openClone } = await import('./evidence-open.ts');
  const act = { act: 'evidence open', object: id, data: { restore: flags.restore === true, command: command[0] ?? null } };
  return audited(act, app, () => openClone(id, command, flags, forensics, app));
}
