import type { References } from './types.ts';

export const filesystemReferences: References = {
  'FS-01': { cis: '5.13', attack: ['T1554'] },
  'FS-02': { cis: '5.13', attack: ['T1105', 'T1059'] },
  'FS-03': { cis: '5.32', attack: ['T1611', 'T1610'] },
  'FS-04': { cis: '5.10', attack: ['T1611'] },
  'FS-05': { cis: '5.6', attack: ['T1611', 'T1006'] },
  'FS-06': { cis: '5.5', attack: ['T1611'] },
  'FS-07': { cis: '5.5', attack: ['T1611'] },
  'FS-08': { cis: '5.5', attack: ['T1611'] },
  'FS-09': { cis: '5.25', attack: ['T1611'] },
  'FS-10': { attack: ['T1082'] },
  'FS-11': { cis: '5.18', attack: ['T1006', 'T1611'] },
  'FS-12': { cis: '5.18', attack: ['T1611'] },
  'FS-13': { cis: '5.20', attack: ['T1611'] },
  'FS-14': { cis: '5.16', attack: ['T1611'] },
  'FS-15': { attack: ['T1611'] },
  'FS-16': { attack: ['T1570'] },
  'FS-17': { cis: '5.13', attack: ['T1554', 'T1053'] },
  'FS-18': { attack: ['T1036', 'T1105'] },
};
