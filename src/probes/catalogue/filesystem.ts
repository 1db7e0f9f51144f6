import type { Probe } from '../probe.ts';

export const filesystem: readonly Probe[] = [];
