import type { WeakDummy } from './weak-dummy.ts';

export const imageWeak: readonly WeakDummy[] = [];
