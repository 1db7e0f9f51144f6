import type { Change } from './scorecard.ts';

/** How each is taken, wherever it is shown: a colour on a terminal, a colour and a sign on a page and in a report. */
export const changeTones = {
  broken: 'bad',
  expired: 'unsure',
  inconclusive: 'unsure',
  expiring: 'unsure',
  slower: 'unsure',
  mended: 'good',
} as const satisfies Readonly<Record<Change['type'], string>>;
