import { nearest } from '../../config/nearest.ts';
import { type ExitCode, exitCodes, InvalidError } from '../../domain/errors.ts';
import type { App } from '../app.ts';
import { audited } from '../audited.ts';

/**
 * `pitwall scorecard --retire SERVICE [--item PROBE]`: what was proven of it is forgotten, broken or not; its runs are kept. One item alone
 * is for a probe that was broken and cannot apply any more, as nothing could then ever be seen to hold.
 */
export async function retireService(
  service: string,
  { item, reason }: { readonly item?: string | undefined; readonly reason?: string | undefined },
  app: App,
): Promise<ExitCode> {
  const why = reasonOf(reason, `--retire ${service}`);
  const { proofs } = await app.store();
  const known = service === '' ? [] : proofs.ofSubject(service);
  if (known.length === 0) throw unknownService(service, [...new Set(proofs.all().map(({ subject }) => subject))]);
  if (item !== undefined && !known.some((proof) => proof.item === item)) {
    throw new InvalidError('unknown_item', `nothing that was asked of ${service} is called ${JSON.stringify(item)}`, {
      hint: `pitwall scorecard --service ${service} --items --json names them`,
    });
  }
  const act = { act: 'scorecard retire', object: service, data: { reason: why, ...(item === undefined ? {} : { item }) } };
  return said({ service }, await audited(act, app, () => proofs.retire(service, item)), app);
}

/** `--retire-drill DRILL`: likewise, of a drill that is gone. One that is still there can be run: that is how it is mended. */
export async function retireDrill(drill: string, reason: string | undefined, app: App): Promise<ExitCode> {
  const why = reasonOf(reason, `--retire-drill ${drill}`);
  if (app.catalogue().drills.some(({ name }) => name === drill)) {
    const hint = `pitwall run ${drill}`;
    throw new InvalidError('usage', `--retire-drill ${drill}: it is in the catalogue, and what it proved counts`, { hint });
  }
  const { proofs } = await app.store();
  const known = [...new Set(proofs.all().map((proof) => proof.drill))].filter((name) => name !== '');
  if (!known.includes(drill)) {
    const meant = nearest(drill.slice(0, 100), known, 2);
    throw new InvalidError('unknown_drill', `nothing was ever proven by a drill ${JSON.stringify(drill)}`, {
      hint: meant === null ? 'pitwall scorecard --items --json names them' : `pitwall scorecard --retire-drill ${meant} --reason …`,
    });
  }
  const act = { act: 'scorecard retire drill', object: drill, data: { reason: why } };
  return said({ drill }, await audited(act, app, () => proofs.retireDrill(drill)), app);
}

export function unknownService(name: string, known: readonly string[]): InvalidError {
  const meant = name.length > 64 ? null : nearest(name, known, 2);
  return new InvalidError('unknown_service', `nothing was ever asked of a service ${JSON.stringify(name)}`, {
    hint: meant === null ? 'pitwall scorecard lists them' : `pitwall scorecard --service ${meant}`,
  });
}

function reasonOf(reason: string | undefined, flag: string): string {
  if (reason !== undefined && reason.trim() !== '') return reason;
  throw new InvalidError('usage', `${flag} needs --reason: what is forgotten, broken or not, counts no more`, {
    hint: `pitwall scorecard ${flag} --reason "it was shut down"`,
  });
}

function said(what: { readonly service: string } | { readonly drill: string }, forgotten: number, { out }: App): ExitCode {
  out.data({ ...what, forgotten });
  out.line(`${Object.values(what)[0]}: ${forgotten} ${forgotten === 1 ? 'proof is' : 'proofs are'} forgotten; the runs are kept`);
  return exitCodes.ok;
}
