import { describe, expect, it } from 'vitest';
import type { MatrixCell } from '../domain/matrix.ts';
import { active, drawn } from './fixtures/drawn.ts';
import { matrixTable } from './matrix-table.tsx';

function cell(from: string, to: string, change: Partial<MatrixCell> = {}): MatrixCell {
  return {
    from,
    to,
    address: '10.0.0.2',
    port: 6379,
    protocol: 'tcp',
    declared: 'allow',
    simulated: 'allow',
    measured: 'open',
    disagreement: null,
    ...change,
  };
}

const words = (cells: readonly MatrixCell[]) => {
  const page = drawn(matrixTable({ cells }));
  return page.all('chart-words').map(({ text }) => text);
};

describe('the matrix', () => {
  it('tells declared, simulated and measured of each way', () => {
    const cells = [
      cell('web', 'cache'),
      cell('api', 'db', { declared: 'deny', simulated: 'deny', measured: 'closed' }),
      cell('web', 'db', { declared: 'deny', simulated: 'allow', measured: 'open', disagreement: 'deny-but-open' }),
    ];
    const page = drawn(matrixTable({ cells }));
    // rows api and web; columns api, cache, db, web
    const rows = page
      .named('tr')
      .slice(1, 3)
      .map(({ children }) => children.slice(1).map((one) => one.children[0] && page.text(one.children[0]).replace(/\s+/g, ' ').trim()));
    expect(rows).toEqual([
      ['·', '·', '✕ ✕ ✕', '·'],
      ['·', '✓ ✓ ✓', '✕ ✓ ! ✓', '·'],
    ]);
    expect(page.all('matrix-disagrees')).toHaveLength(1);
    expect(page.text()).toContain('1 way on which policy and network disagree');
    expect(page.text()).toContain('10.0.0.2 tcp 6379');
    expect(page.text()).toContain('! the policy denies it, and it can be reached');
  });

  it('takes an address that refuses for reachable', () => {
    expect(words([cell('a', 'b', { measured: 'refused' })])).toContain('declared open, simulated open, measured open');
  });

  it('never shows what is not known as open or closed', () => {
    const unknown = cell('a', 'b', { measured: 'unknown' });
    expect(words([unknown])).toContain('declared open, simulated open, measured not known');
    expect(words([unknown, cell('a', 'b', { measured: 'closed' })])).toContain('declared open, simulated open, measured not known');
    expect(drawn(matrixTable({ cells: [unknown, cell('a', 'b')] })).all('matrix-agrees')).toEqual([]);
  });

  it('says so when some of several ports are open', () => {
    expect(words([cell('a', 'b'), cell('a', 'b', { port: 22, measured: 'closed' })])).toContain(
      'declared open, simulated open, measured mixed',
    );
  });

  it('has host and outside last, and says when nothing disagrees', () => {
    const page = drawn(matrixTable({ cells: [cell('a', 'host'), cell('a', 'external'), cell('a', 'z')] }));
    const [head] = page.named('tr');
    expect(head?.children.slice(1).map(({ text }) => text)).toEqual(['a', 'z', 'host', 'external']);
    expect(page.text()).toContain('disagree nowhere');
  });

  it('says so when there is nothing', () => {
    expect(drawn(matrixTable({ cells: [] })).text()).toContain('no way between two');
  });

  it('draws what needs a look when there are too many to draw', () => {
    const names = Array.from({ length: 100 }, (_, i) => `s${String(i).padStart(3, '0')}`);
    const cells = names.flatMap((from) =>
      names.map((to) => (from === 's099' && to === 's098' ? cell(from, to, { disagreement: 'bypass' }) : cell(from, to))),
    );
    const page = drawn(matrixTable({ cells }));
    const [table] = page.all('matrix-table');
    const [head, ...rows] = table?.children.flatMap(({ children }) => children) ?? [];
    expect(rows).toHaveLength(60);
    expect(head?.children.map(({ text }) => text)).toContain('s098');
    expect(rows.at(-1)?.children[0]?.text).toBe('s099');
    expect(page.text()).toContain('40 rows and 40 columns are not drawn');
  });

  it('shows names inert', () => {
    const evil = '<img onclick=x>\u202e"';
    const page = drawn(matrixTable({ cells: [cell(evil, evil, { disagreement: 'bypass' })] }));
    expect(page.html).not.toMatch(active);
  });
});
