import type { Probe } from '../probe.ts';

export const resources: readonly Probe[] = [];
