import { nearest } from '../config/nearest.ts';
import { type ExitCode, exitCodes, InvalidError } from '../domain/errors.ts';
import { createScorecards } from '../scheduler/scorecards.ts';
import { badgeSvg } from '../scorecard/badge.ts';
import { isLetter, rankOf } from '../scorecard/grade.ts';
import { rubric } from '../scorecard/rubric.ts';
import type { Letter, Scorecard, ServiceScore } from '../scorecard/scorecard.ts';
import type { App } from './app.ts';
import { audited } from './audited.ts';
import { outputPath, refuseOwn, writeWhole } from './output-file.ts';
import { showScorecard, showService } from './scorecard-view.ts';

export interface ScorecardFlags {
  readonly minGrade?: string;
  readonly service?: string;
  readonly items?: boolean;
  readonly badge?: string;
  readonly retire?: string;
  readonly reason?: string;
}

/** `pitwall scorecard`: what has been proven, by the proof that is stored; asks no engine. The card is kept as that of its day. */
export async function scorecardCommand(flags: ScorecardFlags, app: App): Promise<ExitCode> {
  const { out, clock } = app;
  refuseMixed(flags, app);
  const wanted = flags.minGrade === undefined ? null : letterOf(flags.minGrade);
  const badge = flags.badge === undefined ? null : outputPath('--badge', flags.badge, app.cwd);
  refuseOwn({ badge }, [], app);
  if (flags.retire !== undefined) return retire(flags.retire, flags.reason, app);

  const { drills, problems } = app.catalogue();
  const store = await app.store();
  const scorecards = createScorecards({ store, drills: () => drills, kinds: [...app.kinds.keys()], clock });
  const { card, items } = scorecards.withItems();
  scorecards.keep(card);
  for (const problem of problems) out.warn(`${problem.message}; its schedule counts for nothing here`);
  if (badge !== null) writeWhole(badge, badgeSvg(card));
  if (flags.service === undefined) {
    out.data(flags.items ? { ...card, items } : card);
    showScorecard(out, card);
    return gate(wanted, card, app);
  }
  const score = serviceOf(card, flags.service);
  const own = <T extends { readonly service: string | null }>(all: readonly T[]) => all.filter(({ service }) => service === score.service);
  const part = { changes: own(card.changes), waivers: own(card.waivers), ...(flags.items ? { items: own(items) } : {}) };
  out.data({ rubric: card.rubric, at: card.at, since: card.since, ...score, ...part });
  showService(out, score, { ...card, ...part });
  return gate(wanted, score, app);
}

function refuseMixed({ retire: service, reason, items, minGrade, badge, service: only }: ScorecardFlags, { out }: App): void {
  if (service === undefined && reason !== undefined) throw new InvalidError('usage', '--reason goes with --retire alone');
  if (service !== undefined && (items || minGrade !== undefined || badge !== undefined || only !== undefined))
    throw new InvalidError('usage', '--retire goes with --reason alone');
  if (badge !== undefined && only !== undefined) throw new InvalidError('usage', '--badge is of the whole, not of one --service');
  if (items && !out.json) throw new InvalidError('usage', '--items is data for a program', { hint: 'pitwall scorecard --items --json' });
}

function letterOf(text: string): Letter {
  if (isLetter(text)) return text;
  throw new InvalidError('usage', `--min-grade ${JSON.stringify(text)}: there is no such grade`, {
    hint: `one of: ${rubric.letters.map(({ letter }) => letter).join(', ')}`,
  });
}

function serviceOf({ services }: Scorecard, name: string): ServiceScore {
  const found = services.find(({ service }) => service === name);
  if (found !== undefined) return found;
  throw unknownService(
    name,
    services.map(({ service }) => service),
  );
}

function unknownService(name: string, known: readonly string[]): InvalidError {
  const meant = name.length > 64 ? null : nearest(name, known, 2);
  return new InvalidError('unknown_service', `nothing was ever asked of a service ${JSON.stringify(name)}`, {
    hint: meant === null ? 'pitwall scorecard lists them' : `pitwall scorecard --service ${meant}`,
  });
}

/** Missed because of what was found or never tried: 1. Missed only because it is too long ago: 3, as nothing is known to be wrong. */
function gate(wanted: Letter | null, { grade, unaged }: { readonly grade: string; readonly unaged: Letter }, { out }: App): ExitCode {
  if (wanted === null || rankOf(grade.replace('*', '') as Letter) <= rankOf(wanted)) return exitCodes.ok;
  out.line();
  if (rankOf(unaged) <= rankOf(wanted)) {
    out.line(out.paint('unsure', `${grade} is worse than ${wanted}, only because proof has aged: it was ${unaged}; practise again`));
    return exitCodes.inconclusive;
  }
  out.line(out.paint('bad', `${grade} is worse than ${wanted}`));
  return exitCodes.failed;
}

async function retire(service: string, reason: string | undefined, app: App): Promise<ExitCode> {
  if (reason === undefined || reason.trim() === '')
    throw new InvalidError('usage', '--retire needs --reason: what is forgotten, broken or not, counts no more', {
      hint: `pitwall scorecard --retire ${service} --reason "it was shut down"`,
    });
  const { proofs } = await app.store();
  if (service === '' || proofs.ofSubject(service).length === 0)
    throw unknownService(service, [...new Set(proofs.all().map(({ subject }) => subject))]);
  await audited('scorecard retire', service, { reason }, app);
  const forgotten = proofs.retire(service);
  app.out.data({ service, forgotten });
  app.out.line(`${service}: ${forgotten} ${forgotten === 1 ? 'proof is' : 'proofs are'} forgotten; the runs are kept`);
  return exitCodes.ok;
}
