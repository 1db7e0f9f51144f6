import type { References } from './types.ts';

export const networkReferences: References = {
  'NET-01': { attack: ['T1552.005'] },
  'NET-02': { attack: ['T1048'] },
  'NET-03': { attack: ['T1071.004'] },
  'NET-05': { attack: ['T1046'] },
  'NET-07': { cis: '5.14', attack: ['T1133'] },
  'NET-08': { cis: '5.8' },
  'NET-09': { cis: '5.10', attack: ['T1611'] },
  'NET-10': { cis: '5.30' },
  'NET-11': { cis: '2.7', attack: ['T1610', 'T1613'] },
  'NET-12': { cis: '5.4', attack: ['T1040'] },
  'NET-13': { cis: '5.4', attack: ['T1557.002'] },
  'NET-14': { cis: '5.4', attack: ['T1611'] },
  'NET-16': { cis: '5.9', attack: ['T1571'] },
  'NET-17': { cis: '5.7', attack: ['T1021.004'] },
  'NET-18': { cis: '7.3', attack: ['T1040'] },
};
