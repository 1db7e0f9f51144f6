import type { Probe } from '../probe.ts';

export const image: readonly Probe[] = [];
