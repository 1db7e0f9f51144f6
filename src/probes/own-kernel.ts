import { basename } from 'node:path';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import { type Answer, type HostFacts, inconclusive, notApplicable, type Probe } from './probe.ts';

/** What these attempt is refused or granted by the kernel that the container runs on. */
const asked = [
  'PRV-04',
  'PRV-05',
  'PRV-06',
  'PRV-09',
  'PRV-11',
  'PRV-12',
  'PRV-18',
  'FS-06',
  'FS-07',
  'FS-08',
  'FS-09',
  'FS-10',
  'FS-11',
  'FS-15',
];
/** gVisor and Kata, by what the engine calls the runtime, or by the program that it is. */
const sandboxes = /\b(runsc|gvisor|kata)/i;

/** The runtime that puts a kernel of its own between the container and the host; null where there is none that is known. */
export function ownKernel({ HostConfig }: Pick<ContainerInspect, 'HostConfig'>, { daemon }: Pick<HostFacts, 'daemon'>): string | null {
  const name = typeof HostConfig.Runtime === 'string' ? HostConfig.Runtime : '';
  const known = (daemon.Runtimes ?? {}) as Readonly<Record<string, { readonly path?: string; readonly runtimeType?: string } | null>>;
  const { path = '', runtimeType = '' } = known[name] ?? {};
  return [name, basename(path), runtimeType].some((one) => sandboxes.test(one)) ? name : null;
}

/** What such a kernel lets happen has not happened to the host. That it reads its own boot messages to all is by design. */
export function throughOwnKernel({ id }: Pick<Probe, 'id'>, answer: Answer, runtime: string | null): Answer {
  if (runtime === null || answer.state !== 'broken' || !asked.includes(id)) return answer;
  const whose = `its runtime is ${runtime}: what answered is that sandbox’s own kernel, not the host’s`;
  return id === 'PRV-11' ? notApplicable(whose) : inconclusive(`${whose}; it said: ${answer.evidence}`);
}
