import { closeSync } from 'node:fs';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { findProcesses } from '../proc/processes.ts';
import { readProcNow } from '../proc/read.ts';
import type { ProcessRef } from '../records.ts';
import type { CollectScope } from './request.ts';
import { handleOf } from './safe-open.ts';
import { runStep } from './steps.ts';
import { link } from './views.ts';

const proc = '/proc';

/** Its processes are this host's, and we may read them. */
export function readableHere({ Id, State }: ContainerInspect): boolean {
  if (!State.Pid || readProcNow(`${proc}/${State.Pid}/cgroup`)?.includes(Id) !== true) return false;
  try {
    closeSync(handleOf(`${proc}/${State.Pid}/root`, { follow: true }));
    return link(`${proc}/${State.Pid}/exe`) !== '';
  } catch {
    return false;
  }
}

/** Reads in this process. */
export function openLocal(containerId: string, volumes: readonly string[]): { processes: readonly ProcessRef[]; run: RunStep } {
  const scope: CollectScope = { proc, containerId, volumes, processes: findProcesses(proc, containerId) };
  return { processes: scope.processes, run: (request, io) => runStep(scope, request, io) };
}

type RunStep = (request: Parameters<typeof runStep>[1], io: Parameters<typeof runStep>[2]) => ReturnType<typeof runStep>;
