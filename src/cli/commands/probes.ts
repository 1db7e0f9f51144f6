import { nearest } from '../../config/nearest.ts';
import { type ExitCode, exitCodes, InvalidError } from '../../domain/errors.ts';
import { catalogue } from '../../probes/catalogue.ts';
import { type Explained, explain } from '../../probes/explain.ts';
import { groups } from '../../probes/probe.ts';
import { busybox } from '../../probes/script.ts';
import type { App } from '../app.ts';
import { quotedLines } from '../output.ts';

/** `pitwall probes [ID]`: the catalogue of probes, or all that one of them says of itself. Asks no engine. */
export async function probesCommand(id: string | undefined, { out }: Pick<App, 'out'>): Promise<ExitCode> {
  if (id !== undefined) {
    const probe = explain(found(id));
    out.data(probe);
    for (const line of described(probe)) out.line(line);
    return exitCodes.ok;
  }
  const probes = groups.flatMap((group) => catalogue.filter((probe) => probe.group === group)).map(explain);
  out.data({ probes });
  out.table(
    ['GROUP', 'PROBE', 'SEVERITY', 'SAFETY', 'WHAT HOLDS'],
    probes.map(({ group, id: name, severity, safety, title }) => [group, name, severity, safety, title]),
  );
  return exitCodes.ok;
}

function found(id: string) {
  const probe = catalogue.find((one) => one.id === id.toUpperCase());
  if (probe !== undefined) return probe;
  const meant =
    id.length > 64
      ? null
      : nearest(
          id,
          catalogue.map((one) => one.id),
          2,
        );
  throw new InvalidError('unknown_probe', `there is no probe ${JSON.stringify(id)}`, {
    hint: meant === null ? 'pitwall probes lists them' : `pitwall probes ${meant}`,
  });
}

function described(probe: Explained): string[] {
  const { weakDummy, how, reachesHost, reason } = probe.selfTest;
  const planted =
    weakDummy === null
      ? `no weakness of its is planted: ${reason}`
      : `must be broken in the weak dummy ${weakDummy}, which is ${how === 'declared' ? 'made and never started' : 'run on no network'}${reachesHost ? '; it would reach the host, so only with selfTest: full' : ''}`;
  const field = (name: string, text: string) => `${name.padEnd(11)}${text}`;
  return [
    `${probe.id}  ${probe.title}`,
    '',
    field('group', probe.group),
    field('severity', probe.severity),
    field('safety', probe.safety),
    field('attempt', probe.attempt),
    field('reading', probe.reading),
    field('control', probe.control),
    field('self-test', planted),
    ...(probe.alone === null ? [] : [field('dummy', `one of its own, with the original's limit (${probe.alone})`)]),
    ...(probe.cis === null ? [] : [field('CIS', `${probe.cis.id} (Docker Benchmark ${probe.cis.version})`)]),
    ...(probe.attack.length === 0 ? [] : [field('ATT&CK', probe.attack.join(', '))]),
    '',
    ...(probe.commands.length === 0
      ? ['runs nothing: the API alone is asked']
      : [
          `runs, in a dummy of a plain container, with B=${busybox}:`,
          ...probe.commands.map(({ step, command }) => `  ${step}: ${quotedLines(command, '    ')}`),
        ]),
  ];
}
