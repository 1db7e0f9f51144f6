import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { instant } from '../domain/clock.ts';
import { FailedError } from '../domain/errors.ts';
import { type CaptureStep, type CoverageItem, captureSteps, coverageOf, type EvidenceCase } from '../domain/evidence.ts';
import { names } from './case/case-path.ts';
import { type CustodyEntry, parseCustodyLine } from './case/custody-entry.ts';
import type { CaseRecord, Manifest } from './case/manifest.ts';
import { isSealed, resealPartial } from './case/reseal.ts';
import type { FreezerDeps } from './freezer-deps.ts';
import { waiting } from './publish.ts';

type SalvageDeps = Pick<FreezerDeps, 'store' | 'clock' | 'root' | 'signer' | 'host' | 'version' | 'registry'>;

/** Seals what a process that is gone had captured of a case, as the part that it is. One that was sealed before stays so. */
export async function salvage(evidenceId: string, deps: SalvageDeps): Promise<void> {
  const { store, clock, root, host } = deps;
  const evidence = store.evidence.get(evidenceId);
  if (evidence === null || evidence.state !== 'capturing') return;
  const entries = await custodyOf(join(root, evidenceId));
  const coverage = coverageFrom(entries, evidence, clock.now());
  const end = (change: { readonly bytes: number; readonly coverage: number }) =>
    store.evidence.update(evidenceId, { state: 'partial', sealedAt: clock.now(), seal: 'unknown', ...change });
  // it was ended before there was a folder
  if (entries.length === 0) return end({ bytes: 0, coverage: 0 });
  if (await isSealed(join(root, evidenceId))) return alreadySealed(evidence, deps);
  const handler = { who: evidence.actor, host: host.name, boot: host.bootId, zone: host.zone };
  try {
    const sealed = await resealPartial(
      { root, id: evidenceId, signer: await deps.signer(), clock, handler },
      recordOf(evidence, coverage, deps),
    );
    end({ bytes: sealed.bytes, coverage: coverageOf(coverage) });
  } catch (error) {
    if (!(error instanceof FailedError)) throw error;
    // the disk is full, the folder damaged: there is a case, and it says what it lacks
    end({ bytes: 0, coverage: 0 });
  }
}

/** It was ended between the signature and the database: the manifest has what the row lacks. */
async function alreadySealed({ id }: EvidenceCase, { store, clock, root, registry }: SalvageDeps): Promise<void> {
  const manifest = JSON.parse(await readFile(join(root, id, names.manifest), 'utf8')) as Manifest;
  const whole = manifest.coverage.every(({ state }) => state !== 'missing' && state !== 'partial');
  store.evidence.update(id, {
    state: whole ? 'whole' : 'partial',
    sealedAt: clock.now(),
    seal: manifest.seal?.state ?? 'unknown',
    coverage: coverageOf(manifest.coverage),
    bytes: manifest.artefacts.reduce((sum, { bytes }) => sum + bytes, 0),
    ...(registry == null ? {} : { push: waiting }),
  });
}

/** What each step came to was told to the custody log as it ended. */
function coverageFrom(entries: readonly CustodyEntry[], evidence: EvidenceCase, now: number): CoverageItem[] {
  const told = new Map<CaptureStep, CoverageItem>();
  for (const { what, data, at } of entries) {
    const [step, state] = what.split(': ');
    const name = captureSteps.find((one) => one === step);
    const known = (['captured', 'partial', 'missing', 'absent'] as const).find((one) => one === state);
    if (name === undefined || known === undefined) continue;
    const { bytes = 0, ms = 0, reason = null } = (data ?? {}) as { bytes?: number; ms?: number; reason?: string };
    told.set(name, {
      step: name,
      state: known,
      reason,
      share: known === 'captured' ? 1 : known === 'partial' ? 0.5 : 0,
      bytes,
      ms,
      startedAt: at,
    });
  }
  const asked = captureSteps.filter(
    (step) =>
      !(step === 'volumes' || (step === 'memory' && evidence.memory === 'off') || (step === 'checkpoint' && evidence.memory !== 'full')),
  );
  return asked.map(
    (step) =>
      told.get(step) ?? {
        step,
        state: 'missing',
        reason: 'Pitwall was ended before it had captured it',
        share: 0,
        bytes: 0,
        ms: 0,
        startedAt: instant(now),
      },
  );
}

function recordOf(evidence: EvidenceCase, coverage: readonly CoverageItem[], { store, host, version }: SalvageDeps): CaseRecord {
  const run = store.runs.record(evidence.runId);
  return {
    runId: evidence.runId,
    container: evidence.container,
    engine: {
      name: evidence.engine,
      id: evidence.engineId,
      version: run?.engine.version ?? 'unknown',
      environment: run?.engine.environment ?? null,
    },
    host,
    version,
    trigger: evidence.trigger,
    actor: evidence.actor,
    reason: evidence.reason,
    disposition: evidence.disposition,
    memory: evidence.memory,
    requestedAt: instant(evidence.requestedAt),
    frozenAt: evidence.frozenAt === null ? null : instant(evidence.frozenAt),
    coverage,
    seal: null,
    images: [],
    environment: [],
    alterations: [],
    notes: ['Pitwall was ended while it captured this; what it had is here'],
  };
}

async function custodyOf(folder: string): Promise<CustodyEntry[]> {
  const text = await readFile(join(folder, 'custody.jsonl'), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => (line === '' ? [] : (parseCustodyLine(line) ?? [])));
}
