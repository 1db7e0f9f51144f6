import type { WeakDummy } from './weak-dummy.ts';

export const secretsWeak: readonly WeakDummy[] = [];
