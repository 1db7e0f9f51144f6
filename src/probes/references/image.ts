import type { References } from './types.ts';

export const imageReferences: References = {
  'IMG-01': { cis: '5.28', attack: ['T1525'] },
  'IMG-02': { attack: ['T1525', 'T1195.002'] },
  'IMG-03': { cis: '4.4' },
  'IMG-04': { cis: '5.28' },
  'IMG-05': { cis: '4.6' },
  'IMG-06': { cis: '4.1' },
  'IMG-07': { cis: '4.9' },
  'IMG-08': { cis: '4.3', attack: ['T1059', 'T1105'] },
  'IMG-09': { cis: '4.5', attack: ['T1525'] },
  'SUP-01': { cis: '1.2.2', attack: ['T1611', 'T1068'] },
  'SUP-02': { cis: '2.5' },
  'SUP-03': { cis: '2.12' },
  'SUP-04': { cis: '2.15' },
  'SUP-05': { cis: '2.13' },
};
