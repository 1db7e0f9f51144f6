import type { WeakDummy } from './weak-dummy.ts';

export const filesystemWeak: readonly WeakDummy[] = [];
