import type { ScorecardItem } from './items.ts';
import { named } from './named.ts';
import { type CapRule, rubric } from './rubric.ts';
import type { Cap, Letter } from './scorecard.ts';
import type { AreaSum } from './sums.ts';

export interface Grade {
  readonly letter: Letter;
  /** The letter, with `*` where a waiver is part of it. */
  readonly text: string;
  /** Those that keep it below what Proven alone would give, the strictest first. */
  readonly caps: readonly Cap[];
}

export interface Graded {
  readonly proven: number;
  readonly coverage: number;
  readonly sums: readonly AreaSum[];
  /** Whether something is waived besides what is in the sums. */
  readonly waived: boolean;
}

const letters: readonly Letter[] = rubric.letters.map(({ letter }) => letter);

/** @param rules those that apply: to a service or an area not all do */
export function gradeOf({ proven, coverage, sums, waived: besides }: Graded, rules: readonly CapRule[]): Grade {
  const waived = besides || sums.some(({ items, counted }) => counted.length < items.length);
  const flawless =
    !waived &&
    coverage >= atLeast('A+') &&
    proven >= atLeast('A+') &&
    sums.every(({ counted }) => counted.every(({ state, f }) => state === 'holds' && f === 1));
  const earned = flawless ? 'A+' : (letters.find((letter) => letter !== 'A+' && proven >= atLeast(letter)) ?? 'F');
  const caps = rubric.caps
    .filter(({ rule, atMost }) => rules.includes(rule) && rankOf(atMost) > rankOf(earned))
    .flatMap(({ rule, atMost }): Cap[] => {
      const because = reasons[rule](sums);
      return because === null ? [] : [{ rule, atMost, because }];
    });
  const letter = caps.reduce<Letter>((worst, { atMost }) => (rankOf(atMost) > rankOf(worst) ? atMost : worst), earned);
  return { letter, text: `${letter}${waived ? '*' : ''}`, caps };
}

/** 0 for the best letter. */
export function rankOf(letter: Letter): number {
  return letters.indexOf(letter);
}

export function isLetter(text: string): text is Letter {
  return (letters as readonly string[]).includes(text);
}

function atLeast(letter: Letter): number {
  return rubric.letters.find((one) => one.letter === letter)?.from ?? 0;
}

/** A sentence where the rule applies, otherwise null. */
const reasons: Readonly<Record<CapRule, (sums: readonly AreaSum[]) => string | null>> = {
  'door-to-the-host': (sums) => sentence(broken(sums).filter(isDoor).map(named), (list) => `a door to the host is open: ${list}`),
  'area-at-zero': (sums) =>
    sentence(
      sums
        .filter(({ proven }) => proven < rubric.zeroBelow)
        .map(({ area, items }) => `${area.area}${items.length === 0 ? ' (never practised)' : ''}`),
      (list) => `nothing is proven of ${list}`,
    ),
  'critical-broken': (sums) =>
    sentence(
      broken(sums)
        .filter(({ severity }) => severity === 'critical')
        .map(named),
      (list) => `critical and broken: ${list}`,
    ),
  'kind-without-proof': (sums) => sentence(kindsWithoutProof(sums), (list) => `no proof in force: ${list}`),
};

function broken(sums: readonly AreaSum[]): readonly ScorecardItem[] {
  return sums.flatMap(({ counted }) => counted.filter(({ state }) => state === 'broken'));
}

function isDoor({ kind, item }: ScorecardItem): boolean {
  return rubric.doors.some((door) => door.kind === kind && door.item === item);
}

/** Practised, and nothing of it holds that has not expired: whether it expired, broke or was lost, so that none of them is better than another. */
function kindsWithoutProof(sums: readonly AreaSum[]): readonly string[] {
  return sums.flatMap(({ area, counted }) =>
    area.kinds.flatMap((kind) => {
      if (counted.some((item) => item.kind === kind && item.state === 'holds' && !item.expired)) return [];
      const own = counted.filter((item) => item.kind === kind);
      if (own.length === 0) return [];
      return [own.some(({ state }) => state === 'holds') ? `all of ${kind} has expired` : `nothing of ${kind} holds`];
    }),
  );
}

const namedAtMost = 3;

function sentence(things: readonly string[], say: (list: string) => string): string | null {
  if (things.length === 0) return null;
  const shown = things.slice(0, namedAtMost);
  const more = things.length - shown.length;
  return say(`${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`);
}
