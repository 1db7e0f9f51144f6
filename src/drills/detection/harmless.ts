import { holds, type Probe } from '../../probes/probe.ts';

/** Nothing but its mark would be noticed of it. */
export const harmless: Probe = {
  id: 'DET-09',
  group: 'privilege',
  title: 'A harmless act raises no alert',
  attempt: 'Reads its own name.',
  severity: 'medium',
  safety: 'read-only',
  reading: '',
  control: '',
  steps: () => [{ name: 'read', run: '$B cat /proc/self/comm' }],
  judge: () => holds(''),
  weakness: { none: '' },
};
