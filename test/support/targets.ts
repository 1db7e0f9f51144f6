import type { ContainerInspect, ContainerSummary } from '../../src/domain/engine/containers.ts';
import type { Target } from '../../src/domain/target.ts';

/** A container as a list shows it. */
export function summary(name: string, over: Partial<ContainerSummary> = {}): ContainerSummary {
  return {
    id: name.padEnd(64, '0'),
    name,
    image: 'busybox:1',
    imageId: 'sha256:0',
    state: 'running',
    status: 'Up 2 minutes',
    createdAt: 0,
    labels: {},
    networks: ['bridge'],
    ...over,
  };
}

/** For guard rails, which look at names and labels only. */
export function target(name: string, labels: Readonly<Record<string, string>> = {}): Target {
  return {
    id: name.padEnd(64, '0'),
    name,
    image: 'busybox:1',
    service: labels['com.docker.compose.service'] ?? null,
    project: labels['com.docker.compose.project'] ?? null,
    labels,
    createdAt: 0,
    startedAt: 0,
    inspect: {} as ContainerInspect,
  };
}

export function composeLabels(project: string, service: string): Record<string, string> {
  return { 'com.docker.compose.project': project, 'com.docker.compose.service': service };
}
