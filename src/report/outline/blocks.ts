import type { Alike } from '../alike.ts';

/** What a report says, in the order in which it is read, for every format that people read. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly type: 'paragraph'; readonly text: string }
  | { readonly type: 'list'; readonly items: readonly string[] }
  /** `more`: rows that are not shown. */
  | { readonly type: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly Cell[])[]; readonly more?: number }
  | { readonly type: 'problem'; readonly alike: Alike }
  /** Where a chart of the run's record of that name goes, in formats that have charts. */
  | { readonly type: 'charts' };

export type Cell = string | { readonly mark: Mark; readonly text: string };
/** Told apart by sign and word; colour comes on top. */
export type Mark = 'good' | 'bad' | 'unsure' | 'quiet';

export const signs: Readonly<Record<Mark, string>> = { good: '✔', bad: '✖', unsure: '?', quiet: '–' };

export function section(id: string, title: string, blocks: readonly Block[]): Section {
  return { id, title, blocks };
}

export function paragraph(text: string): Block {
  return { type: 'paragraph', text };
}
