import type { Finding, RunRecord, TargetRecord } from '../domain/words.ts';

export function finding(parts: Partial<Finding> = {}): Finding {
  return {
    probe: 'PRV-04',
    title: 'Seccomp really filters',
    target: 'shop-web-1',
    state: 'broken',
    severity: 'high',
    evidence: 'unshare answered 0',
    waivedUntil: null,
    ...parts,
  };
}

export function target(name: string, service: string | null): TargetRecord {
  return { id: name.padEnd(64, '0'), name, service, image: 'shop:1', outcome: 'probed', leftOut: null };
}

export function record(parts: Partial<RunRecord> = {}): RunRecord {
  return {
    id: '01M80PSASDPXGP3MMWP30R2KQ5',
    drill: 'sandbox',
    kind: 'adversarial-probe',
    verdict: 'failed',
    reason: 'PRV-04 Seccomp really filters: broken',
    trigger: 'ci',
    actor: 'root',
    engine: { name: 'local', id: 'e', version: '26.1.5', environment: 'local' },
    seed: 'abc',
    definition: 'sha256:d',
    startedAt: '2026-11-22T04:03:48.656Z',
    endedAt: '2026-11-22T04:03:50.885Z',
    durationMs: 2_229,
    targets: [target('shop-web-1', 'web'), target('shop-web-2', 'web'), target('shop-db-1', 'db')],
    measurements: [],
    findings: [finding()],
    evidence: [],
    faults: [],
    artifacts: [],
    residue: [],
    ...parts,
  };
}

/** One finding in every state that a report tells apart, and texts that a report must not be broken by. */
export function hostileRecord(): RunRecord {
  const name = 'w\u0000e\u001bb<&">\u202e\ud800';
  return record({
    targets: [target('shop-web-1', 'web'), target('shop-db-1', 'db'), target(name, null)],
    findings: [
      finding(),
      finding({ probe: 'PRV-01', state: 'holds', title: 'Capabilities are few' }),
      finding({
        probe: 'FS-01',
        state: 'broken',
        severity: 'medium',
        target: 'shop-db-1',
        title: 'Root is read-only',
        waivedUntil: '2027-01-31T23:59:59.999Z',
      }),
      finding({
        probe: 'NET-04',
        state: 'inconclusive',
        severity: 'critical',
        target: 'shop-db-1',
        title: 'Nobody reaches it',
        evidence: 'control failed',
      }),
      finding({ probe: 'IMG-01', state: 'not-applicable', severity: 'low', title: 'A tag' }),
      finding({
        probe: 'SEC-01',
        state: 'broken',
        severity: 'low',
        target: name,
        title: ']]><!--&lt;\u0007',
        evidence: '\u0000\uffff]]>\r\n\t"\'',
      }),
      finding({ probe: 'SUP-01', state: 'inconclusive', severity: 'low', target: null, title: 'The engine is new enough' }),
    ],
    measurements: [
      { name: 'detection_rate', target: null, value: 0.5, unit: 'ratio', objective: { min: 0.95 }, met: false },
      { name: 'probes', target: 'shop-web-1', value: 3, unit: 'count', objective: null, met: null },
    ],
  });
}
