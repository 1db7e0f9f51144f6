import { oneLine } from '../domain/inert.ts';
import { ownKernel, throughOwnKernel } from './own-kernel.ts';
import { type Answer, type Facts, inconclusive, notApplicable, type Probe, type StepResult } from './probe.ts';
import { shown } from './script.ts';

export interface Evaluated {
  readonly probe: Probe;
  readonly answer: Answer;
  /** Of the steps that may be shown. */
  readonly raw: readonly { readonly step: string; readonly command: string; readonly exitCode: number; readonly output: string }[];
}

/** One probe's answer on one container, with what was run and said. */
export function evaluate(
  probe: Probe,
  facts: Omit<Facts, 'step'>,
  results: ReadonlyMap<string, StepResult>,
  confidential: ReadonlySet<string>,
): Evaluated {
  const step = (name: string) => results.get(`${probe.id}/${name}`) ?? null;
  const judged = () => throughOwnKernel(probe, probe.judge({ ...facts, step }), ownKernel(facts.inspect, facts.host));
  const answer = facts.outside === null && probe.safety === 'may-leave-host' ? notAsked : controlled(judged(), step('control'));
  const prefix = `${probe.id}/`;
  const raw = [...results]
    .filter(([key]) => key.startsWith(prefix) && !confidential.has(key))
    .map(([key, result]) => ({ step: key.slice(prefix.length), ...result, output: result.output.slice(0, 500) }));
  return { probe, answer: { ...answer, evidence: withCommands(answer.evidence, raw) }, raw };
}

const notAsked = notApplicable('it may leave the host, and neither egress: true nor a decoy was given');

/** Nothing holds that could not have been seen to fail. */
function controlled(answer: Answer, control: StepResult | null): Answer {
  if (answer.state !== 'holds' || control === null || control.exitCode === 0) return answer;
  return inconclusive(`its positive control failed (exit ${control.exitCode}), so this proves nothing: ${answer.evidence}`);
}

const mostShown = 3;

function withCommands(evidence: string, raw: Evaluated['raw']): string {
  const attempts = raw.filter(({ step }) => step !== 'control').slice(0, mostShown);
  const lines = attempts.map(
    ({ command, exitCode, output }) =>
      `\`${oneLine(shown(command).trim(), 120)}\` → ${exitCode}${output.trim() === '' ? '' : `: ${oneLine(output.trim(), 120)}`}`,
  );
  return lines.length === 0 ? evidence : `${evidence} [${lines.join('; ')}]`;
}
