import type { References } from './types.ts';

export const privilegeReferences: References = {
  'PRV-01': { cis: '5.4', attack: ['T1611'] },
  'PRV-02': { cis: '5.4', attack: ['T1548'] },
  'PRV-03': { cis: '5.26', attack: ['T1548'] },
  'PRV-04': { cis: '5.22', attack: ['T1611', 'T1068'] },
  'PRV-05': { cis: '5.4', attack: ['T1611'] },
  'PRV-06': { cis: '5.22', attack: ['T1611'] },
  'PRV-07': { cis: '5.5', attack: ['T1611'] },
  'PRV-08': { cis: '4.1', attack: ['T1078'] },
  'PRV-09': { cis: '2.9', attack: ['T1611'] },
  'PRV-10': { cis: '4.8', attack: ['T1548.001'] },
  'PRV-11': { cis: '5.22', attack: ['T1082'] },
  'PRV-12': { cis: '5.4', attack: ['T1611'] },
  'PRV-13': { cis: '5.2', attack: ['T1611'] },
  'PRV-14': { cis: '5.16', attack: ['T1611'] },
  'PRV-15': { cis: '5.17', attack: ['T1611'] },
  'PRV-16': { cis: '5.23', attack: ['T1609'] },
  'PRV-17': { attack: ['T1078'] },
  'PRV-18': { attack: ['T1499'] },
};
