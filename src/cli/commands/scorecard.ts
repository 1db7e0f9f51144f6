import { type ExitCode, exitCodes, InvalidError } from '../../domain/errors.ts';
import { createScorecards } from '../../scheduler/scorecards.ts';
import { badgeSvg } from '../../scorecard/badge.ts';
import { isLetter, rankOf } from '../../scorecard/grade.ts';
import { rubric } from '../../scorecard/rubric.ts';
import type { Letter, Scorecard, ServiceScore } from '../../scorecard/scorecard.ts';
import type { Store } from '../../store/store.ts';
import type { App } from '../app.ts';
import { outputPath, refuseOwn, writeWhole } from '../output-file.ts';
import { showScorecard, showService } from '../view/scorecard.ts';
import { retireDrill, retireService, unknownService } from './scorecard-retire.ts';

export interface ScorecardFlags {
  readonly minGrade?: string;
  readonly service?: string;
  readonly items?: boolean;
  readonly badge?: string;
  readonly retire?: string;
  readonly retireDrill?: string;
  readonly item?: string;
  readonly reason?: string;
}

/** `pitwall scorecard`: what has been proven, by the proof that is stored; asks no engine. The card is kept as that of its day where nobody else has kept one. */
export async function scorecardCommand(flags: ScorecardFlags, app: App): Promise<ExitCode> {
  const { out, clock } = app;
  refuseMixed(flags, app);
  const wanted = flags.minGrade === undefined ? null : letterOf(flags.minGrade);
  const badge = flags.badge === undefined ? null : outputPath('--badge', flags.badge, app.cwd);
  refuseOwn({ badge }, [], app);
  if (flags.retire !== undefined) return retireService(flags.retire, flags, app);
  if (flags.retireDrill !== undefined) return retireDrill(flags.retireDrill, flags.reason, app);

  const { drills, problems } = app.catalogue();
  const store = await app.store();
  const scorecards = createScorecards({ store, drills: () => drills, kinds: [...app.kinds.keys()], clock });
  const { card, items } = scorecards.withItems();
  if (isOnlyWord(store, card)) scorecards.keep(card);
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

/** A `serve` keeps cards by its own catalogue, which this command may not see; and one that is there is not replaced by this one's view. */
function isOnlyWord(store: Pick<Store, 'processes' | 'scorecards'>, { at }: Scorecard): boolean {
  return store.processes.serve() === null && store.scorecards.history(1, Date.parse(at)).length === 0;
}

function refuseMixed(flags: ScorecardFlags, { out }: App): void {
  const { retire, retireDrill: drill, reason, items, minGrade, badge, service: only } = flags;
  const shown = [items, minGrade, badge, only].some((flag) => flag !== undefined);
  const retired = [retire, drill].filter((flag) => flag !== undefined).length;
  if (flags.item !== undefined && retire === undefined) throw new InvalidError('usage', '--item goes with --retire SERVICE');
  if (retired === 0 && reason !== undefined) throw new InvalidError('usage', '--reason goes with --retire or --retire-drill alone');
  if (retired > 1 || (retired === 1 && shown))
    throw new InvalidError('usage', '--retire and --retire-drill go with --reason alone, one at a time');
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
