import { describe, expect, test } from 'vitest';
import type { Finding } from '../../domain/words.ts';
import type { Output } from '../output.ts';
import { showFindings } from './finding.ts';

function shown(...findings: Partial<Finding>[]): string[] {
  const lines: string[] = [];
  const out = { line: (text = '') => lines.push(text), paint: (_style: string, text: string) => text } as unknown as Output;
  showFindings(
    out,
    findings.map((some) => ({
      probe: 'NET-13',
      title: 'Packet sockets are refused',
      target: null,
      state: 'broken',
      severity: 'high',
      evidence: 'it is given one',
      waivedUntil: null,
      ...some,
    })),
  );
  return lines.filter((line) => line !== '');
}

describe('findings for people', () => {
  test('what is found of several targets has one row, whatever was seen there', () => {
    expect(
      shown(
        { target: 'web-1', evidence: 'from 10.0.0.4' },
        { target: 'web-2', evidence: 'from 10.0.0.5' },
        { target: 'web-3', evidence: 'from 10.0.0.4' },
      ),
    ).toEqual([
      '  broken  high  NET-13 Packet sockets are refused (web-1, web-2, web-3)',
      '      web-1, web-3: from 10.0.0.4',
      '      web-2: from 10.0.0.5',
    ]);
    expect(shown({ target: 'web-1' }, { target: 'web-2' })).toEqual([
      '  broken  high  NET-13 Packet sockets are refused (web-1, web-2)',
      '      it is given one',
    ]);
  });

  test('what differs in state, severity, waiver or title stays apart', () => {
    const rows = shown(
      { target: 'a' },
      { target: 'b', state: 'inconclusive' },
      { target: 'c', severity: 'low' },
      { target: 'd', waivedUntil: '2027-01-01' },
      { target: 'e', title: 'Raw sockets are refused' },
    );
    expect(rows.filter((row) => row.includes('NET-13'))).toHaveLength(5);
  });

  test('the same about many that are no targets is said once, with all of their names', () => {
    const about = (name: string) => ({
      probe: 'NET-16',
      title: `${name}: what it listens on is not known`,
      evidence: `${name} is no target of this run`,
      state: 'inconclusive' as const,
      severity: 'low' as const,
    });
    expect(shown(about('db'), about('cache'), about('mail'))).toEqual([
      '  inconclusive  low  NET-16 db, cache, mail: what it listens on is not known',
      '      db is no target of this run; likewise the others',
    ]);
    expect(shown(about('db'), { ...about('cache'), evidence: 'the engine gave no answer' })).toHaveLength(4);
    expect(shown({ ...about('web'), evidence: 'no line' }, { ...about('db'), evidence: 'no line' })).toHaveLength(2);
  });
});
