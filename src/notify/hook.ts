import type { HookFormat, NoticeType } from '../domain/notice.ts';
import type { Secret } from '../domain/secret.ts';
import type { Allowance } from './addresses.ts';

/** Where notices go. The address is a secret: whoever knows it can write there. */
export interface Hook {
  readonly name: string;
  /** Read at each try, so that a file or a variable may change. Throws InvalidError when there is none. */
  readonly url: () => Secret;
  /** What the signature is made with; null: none. Throws as `url` does. */
  readonly secret: (() => Secret) | null;
  readonly format: HookFormat;
  readonly on: readonly NoticeType[];
  readonly allow: Allowance;
}
