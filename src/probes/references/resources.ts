import type { References } from './types.ts';

export const resourcesReferences: References = {
  'RES-01': { cis: '5.29', attack: ['T1499'] },
  'RES-02': { cis: '5.11', attack: ['T1499'] },
  'RES-03': { cis: '5.11', attack: ['T1499'] },
  'RES-04': { cis: '5.12', attack: ['T1496'] },
  'RES-05': { cis: '5.19' },
  'RES-06': { cis: '2.13', attack: ['T1499'] },
  'RES-07': { attack: ['T1499'] },
};
