import type { Selector } from '../../domain/drill.ts';
import type { ContainerSummary } from '../../domain/engine/containers.ts';
import { matchesGlob } from '../../domain/glob.ts';
import { belonging } from '../../domain/target.ts';

/** Whether the drill's selector means this container. Keys are ANDed, values of one key ORed. */
export function matches(selector: Selector, container: ContainerSummary): boolean {
  const { compose, names, images, networks } = selector;
  return (
    Object.entries(selector.labels).every(([key, values]) => values.some((value) => container.labels[key] === value)) &&
    (compose === null || inCompose(compose, container)) &&
    (names === null || names.some((glob) => matchesGlob(glob, container.name))) &&
    (images === null || images.some((glob) => matchesGlob(glob, container.image))) &&
    (networks === null || networks.some((glob) => container.networks.some((network) => matchesGlob(glob, network))))
  );
}

function inCompose(compose: NonNullable<Selector['compose']>, container: ContainerSummary): boolean {
  const { project, service } = belonging(container.labels);
  if (project !== compose.project) return false;
  return compose.services === null || (service !== null && compose.services.includes(service));
}
