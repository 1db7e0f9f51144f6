import type { References } from './types.ts';

export const secretsReferences: References = {
  'SEC-01': { cis: '4.10', attack: ['T1552'] },
  'SEC-02': { cis: '4.10', attack: ['T1552.001'] },
  'SEC-03': { cis: '7.4', attack: ['T1552.001'] },
  'SEC-04': { attack: ['T1552'] },
  'SEC-05': { cis: '4.10', attack: ['T1552.001'] },
  'SEC-06': { attack: ['T1552'] },
  'SEC-07': { attack: ['T1078'] },
  'SEC-08': { cis: '4.10', attack: ['T1552'] },
};
