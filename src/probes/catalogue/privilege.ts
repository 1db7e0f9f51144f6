import type { Probe } from '../probe.ts';
import { privilegeAttempts } from './privilege-attempts.ts';
import { privilegeFiles } from './privilege-files.ts';
import { privilegeHost } from './privilege-host.ts';
import { privilegeStatus } from './privilege-status.ts';

export const privilege: readonly Probe[] = [...privilegeStatus, ...privilegeAttempts, ...privilegeFiles, ...privilegeHost].toSorted(
  (a, b) => a.id.localeCompare(b.id),
);
