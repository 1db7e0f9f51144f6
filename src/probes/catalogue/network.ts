import type { Probe } from '../probe.ts';

export const network: readonly Probe[] = [];
