import type { WeakDummy } from './weak-dummy.ts';

export const networkWeak: readonly WeakDummy[] = [];
