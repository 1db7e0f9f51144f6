import type { Probe } from '../probe.ts';

export const secrets: readonly Probe[] = [];
