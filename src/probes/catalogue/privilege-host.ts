import { type Answer, broken, type Facts, holds, inconclusive, notApplicable, type Probe } from '../probe.ts';
import { namespaceMode, neverRan } from './confinement.ts';

/** What it shares with the host, and what was done in it from outside: no dummy is ever given that, so the API and the original say it. */
export const privilegeHost: readonly Probe[] = [
  {
    id: 'PRV-14',
    group: 'privilege',
    title: 'It does not see the host’s processes',
    attempt: 'Asks the API for PidMode, and looks for the kernel’s own threads among the processes that the original sees.',
    severity: 'critical',
    safety: 'read-only',
    reading: 'PidMode host, also by way of another container, or kernel threads among its processes, is broken.',
    control: 'Its processes could be listed from beside it; of one that never ran, the API alone is asked.',
    judge: hostProcesses,
    weakness: { in: 'host-declared' },
  },
  {
    id: 'PRV-15',
    group: 'privilege',
    title: 'It shares neither IPC nor host name with the host',
    attempt: 'Asks the API for IpcMode and UTSMode; nothing is attempted, as that would rename the host.',
    severity: 'medium',
    safety: 'read-only',
    reading: '`host` in one of them, for IPC also by way of another container, is broken.',
    control: 'The API gives an IpcMode: an engine that gives none is inconclusive.',
    judge: (facts) => {
      const shared = [
        ...(namespaceMode(facts, 'IpcMode') === 'host' ? ['IPC'] : []),
        ...(facts.inspect.HostConfig.UTSMode === 'host' ? ['UTS (host name)'] : []),
      ];
      if (shared.length > 0) return broken(`it shares with the host: ${shared.join(', ')}`);
      const { IpcMode } = facts.inspect.HostConfig;
      return IpcMode === '' ? inconclusive('the API gives no IpcMode') : holds(`IpcMode is ${IpcMode}, UTSMode its own`);
    },
    weakness: { in: 'host-declared' },
  },
  {
    id: 'PRV-16',
    group: 'privilege',
    title: 'No privileged exec',
    attempt: 'Asks the API for the execs of the original that the engine still knows.',
    severity: 'medium',
    safety: 'read-only',
    reading: 'One with --privileged is broken. Those that ended long ago are forgotten by the engine, and not seen.',
    control: 'The container runs, so that there could be one.',
    judge: ({ execs, inspect }) => {
      const privileged = execs.filter((exec) => exec.privileged);
      if (privileged.length > 0) return broken(`${privileged.length} of ${execs.length} execs that the engine knows of are privileged`);
      if (!inspect.State.Running) return notApplicable('it does not run, so nothing was run in it');
      const listed = inspect.ExecIDs?.length ?? 0;
      // an exec that is gone when it is asked for has ended, and was not seen
      return holds(
        listed === 0 ? 'the engine knows of no exec' : `none of the ${execs.length} execs that the engine knows of is privileged`,
      );
    },
    weakness: { none: 'an exec is done to a container that runs: none is done to a weak dummy' },
  },
];

/** Kernel threads have no arguments, and there are many; a zombie has none either. */
const fewThreads = 5;

function hostProcesses(facts: Facts): Answer {
  const { inspect, seen } = facts;
  const mode = namespaceMode(facts, 'PidMode');
  if (mode === 'host') return broken('its PID namespace is the host’s');
  if (seen === null) {
    if (neverRan(inspect)) return holds(`PidMode is ${mode === '' ? 'its own' : mode}, by the API`);
    return inconclusive('its processes could not be seen from beside it');
  }
  const threads = seen.processes.filter(({ argv }) => argv.length === 0);
  const second = threads.some(({ pid }) => pid === 2);
  if (second && threads.length > fewThreads)
    return {
      ...broken(`it sees ${threads.length} threads of the kernel`),
      disagreement: `the API says PidMode ${mode === '' ? 'private' : mode}, and it sees the kernel’s threads`,
    };
  if (!seen.processesRead) return inconclusive('its processes were too many, or their arguments too long, to be listed whole');
  return holds(`it sees ${seen.processes.length} processes, none of the kernel`);
}
