import type { StepResult } from '../../domain/evidence.ts';
import { captureMemory } from '../memory/capture.ts';
import { collectDeleted } from './deleted.ts';
import { collectExecutables } from './executables.ts';
import { readLayer } from './layer.ts';
import { collectNetwork } from './network.ts';
import { collectProcesses } from './processes.ts';
import type { CollectRequest, CollectScope, StepIo } from './request.ts';
import { collectTmpfs } from './tmpfs.ts';
import { writeJson } from './write.ts';

/** Carries out one step, in whichever process can read the container's /proc. */
export function runStep(scope: CollectScope, request: CollectRequest, io: StepIo): Promise<StepResult> {
  switch (request.step) {
    case 'memory':
      return collectMemory(scope, io);
    case 'processes':
      return collectProcesses(scope, io);
    case 'network':
      return collectNetwork(scope, io);
    case 'executables':
      return collectExecutables(scope, io);
    case 'deleted-files':
      return collectDeleted(scope, request.maxBytes, io);
    case 'tmpfs':
      return collectTmpfs(scope, request.maxBytes, io);
    case 'layer':
      return readLayer(scope, request, io);
  }
}

/** `files/memory.json` beside what `captureMemory` writes; its value is passed on. */
async function collectMemory({ proc, processes }: CollectScope, { sink, signal }: StepIo): Promise<StepResult> {
  const result = await captureMemory(processes, { proc, sink, signal });
  if (result.value === null || typeof result.value !== 'object') return result;
  return { ...result, bytes: result.bytes + (await writeJson(sink, 'files/memory.json', result.value)) };
}
