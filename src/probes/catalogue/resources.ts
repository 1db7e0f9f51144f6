import type { Probe } from '../probe.ts';
import { limits } from './resources-limits.ts';
import { settings } from './resources-settings.ts';

export const resources: readonly Probe[] = [...limits, ...settings].toSorted((a, b) => (a.id < b.id ? -1 : 1));
