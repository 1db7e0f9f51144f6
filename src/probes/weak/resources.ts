import type { WeakDummy } from './weak-dummy.ts';

export const resourcesWeak: readonly WeakDummy[] = [];
