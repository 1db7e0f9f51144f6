import type { ScorecardItem } from './items.ts';

/** What an item is about, for a sentence: `PRV-07 It is not privileged (web)`. */
export function named({ item, title, service, drill, type }: Pick<ScorecardItem, 'item' | 'title' | 'service' | 'drill' | 'type'>): string {
  const where = service ?? drill;
  const what = type === 'finding' && title !== item ? `${item} ${title}` : title;
  return `${what}${where === null ? '' : ` (${where})`}`;
}
