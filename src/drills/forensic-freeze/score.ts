import { ownLabels } from '../../container/own.ts';
import { EngineError } from '../../domain/errors.ts';
import type { FreezeResult } from '../../domain/evidence.ts';
import type { RunContext } from '../../domain/kind.ts';
import type { Target } from '../../domain/target.ts';
import type { Finding, FindingState, Severity } from '../../domain/words.ts';
import { verifyCase } from '../../forensics/case/verify/verify.ts';
import { compareWithImage } from '../../forensics/compare-executables.ts';
import { type Canaries, newCanaries } from './canaries.ts';
import type { CanaryKind, Params } from './params.ts';
import { executablesOf, type Sighting, search, type Wanted } from './search.ts';
import type { Subject } from './subject.ts';

type Context = RunContext<Params>;

const titles: Readonly<Record<CanaryKind, string>> = {
  memory: 'a secret in the memory of a process is in the evidence',
  process: 'a process and its arguments are in the evidence',
  tmpfs: 'a file in a file system in memory is in the evidence',
  'deleted-file': 'a file that was deleted while it was open is in the evidence',
  socket: 'a listening socket is in the evidence',
  'changed-binary': 'a program that is not the image’s is in the evidence, and told from it',
};

/**
 * Looks for each canary in the evidence, and for one that was never planted beside it; reports a finding each, with those of the seal and the
 * signature. The number that was found.
 */
export async function score(subject: Subject, canaries: Canaries, result: FreezeResult, target: Target, context: Context): Promise<number> {
  const { planted, changedSha256 } = subject;
  const report = (probe: string, title: string, state: FindingState, severity: Severity, evidence: string) => {
    const finding: Finding = { probe, title, target: target.name, state, severity, evidence, waivedUntil: null };
    context.finding(finding);
  };
  const changed = planted.changedPath === null ? null : { path: planted.changedPath, sha256: changedSha256 };
  const control = newCanaries(canaries.kinds, [canaries.port]);
  const never: Wanted = { canaries: control, changed: { path: `/tmp/busybox-${control.token}`, sha256: control.secret } };
  let found = 0;
  for (const kind of canaries.kinds) {
    const probe = `FRZ-${kind}`;
    const title = titles[kind];
    if (!planted.kinds.has(kind)) {
      // nothing was tested, and that must not pass for a success
      report(
        probe,
        title,
        'inconclusive',
        'high',
        `it could not be planted in ${subject.ground.name}: leave it out of params.canaries where it has no place`,
      );
      continue;
    }
    const seen = await sighting(result.folder, kind, { canaries, changed });
    const ghost = await sighting(result.folder, kind, never);
    const differs = kind === 'changed-binary' && seen.where !== null ? await comparison(subject, result, context) : null;
    if (seen.problem !== null) report(probe, title, 'broken', 'medium', seen.problem);
    else if (ghost.where !== null) {
      report(
        probe,
        title,
        'inconclusive',
        'high',
        `one that was never planted was found as well (${ghost.where}): the search proves nothing`,
      );
    } else if (seen.where === null) report(probe, title, 'broken', 'medium', `it was planted, and is not in ${result.evidence.id}`);
    else if (differs !== null && !differs.told) report(probe, title, 'broken', 'medium', `${seen.where}; ${differs.what}`);
    else {
      found++;
      report(probe, title, 'holds', 'medium', [seen.where, ...(differs === null ? [] : [differs.what])].join('; '));
    }
  }
  reportSeal(result, report);
  await reportSignature(result, report);
  return found;
}

async function sighting(
  folder: string,
  kind: CanaryKind,
  wanted: Wanted,
): Promise<{ readonly where: Sighting; readonly problem: string | null }> {
  try {
    return { where: await search(folder, kind, wanted), problem: null };
  } catch (error) {
    return { where: null, problem: `the evidence could not be searched: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** The changed binary must be told from the image, and the program that the container came with must not. */
async function comparison(
  { inspect, planted }: Subject,
  { folder }: FreezeResult,
  { engine, runId, instance, clock }: Context,
): Promise<{ readonly told: boolean; readonly what: string }> {
  try {
    const labels = ownLabels({ runId, role: 'compare', instance, expiresAt: clock.now() + 600_000 });
    const changes = await engine.changes(inspect.Id);
    const all = await compareWithImage(engine, inspect, await executablesOf(folder), changes, { labels });
    const one = all.find(({ path }) => path === planted.changedPath);
    const told = one?.comparison === 'differs' || one?.comparison === 'not-in-image';
    const same = all.filter((other) => other.comparison === 'same').length;
    const what = told
      ? `against the image: ${one.comparison}`
      : `against the image: ${one?.comparison ?? 'unknown'} (${one?.reason ?? 'not compared'})`;
    return { told, what: `${what}; ${same} of ${all.length} that run are the image’s` };
  } catch (error) {
    if (!(error instanceof EngineError) || error.lost) throw error;
    return { told: false, what: `it could not be compared with the image: ${error.message}` };
  }
}

type Report = (probe: string, title: string, state: FindingState, severity: Severity, evidence: string) => void;

function reportSeal({ seal }: FreezeResult, report: Report): void {
  const title = 'nothing ran while the evidence was taken';
  const reasons = seal.reasons.length > 0 ? seal.reasons.join('; ') : 'frozen at both ends, with the same CPU time and the same layer';
  const state = { intact: 'holds', broken: 'broken', unknown: 'inconclusive' } as const;
  report('FRZ-seal', title, state[seal.state], 'high', reasons);
}

async function reportSignature({ folder, evidence }: FreezeResult, report: Report): Promise<void> {
  const title = 'the evidence is signed, and every byte is as it was signed';
  const say = (state: FindingState, text: string) => report('FRZ-signature', title, state, 'high', text);
  if (folder === '') return say('broken', `${evidence.id} has no folder`);
  try {
    const { ok, problems, checked, signedBy } = await verifyCase(folder);
    const first = problems.slice(0, 5).map(({ path, problem }) => `${path} ${problem}`);
    if (ok) say('holds', `${checked} files of ${evidence.id}, signed by ${signedBy?.keyid.slice(0, 16)}`);
    else say('broken', first.join('; ') || 'it has no statement');
  } catch (error) {
    say('broken', `${evidence.id} could not be verified: ${error instanceof Error ? error.message : String(error)}`);
  }
}
