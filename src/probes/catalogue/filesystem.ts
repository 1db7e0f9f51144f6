import type { Probe } from '../probe.ts';
import { filesystemKernel } from './filesystem-kernel.ts';
import { filesystemMounts } from './filesystem-mounts.ts';
import { filesystemWrites } from './filesystem-writes.ts';

export const filesystem: readonly Probe[] = [...filesystemMounts, ...filesystemKernel, ...filesystemWrites].toSorted((a, b) =>
  a.id.localeCompare(b.id),
);
