import type { SecretReference, ServiceSpec } from '../../../../domain/engine/swarm.ts';

/**
 * What the tasks of a service have in /run/secrets while it is rotated. `old`: as before. `added`: who checks the credential has the new version in
 * its second file. `swapped`: the new version is in the file, and who checks has the old one in its second. `new`: the old version is nowhere.
 */
export type Stage = 'old' | 'added' | 'swapped' | 'new';

/** A version of the secret. */
export interface Version {
  readonly id: string;
  readonly name: string;
}

export interface Versions {
  readonly old: Version;
  readonly fresh: Version;
}

/** A service as it was found. Plain: it is kept in the journal. */
export interface Before {
  readonly id: string;
  readonly name: string;
  /** It lets in or refuses, by what the file holds. */
  readonly checks: boolean;
  readonly references: readonly SecretReference[];
}

/** Names of the files, users and modes stay what they are. */
export function referencesAt(stage: Stage, before: Before, versions: Versions, second: string | null): SecretReference[] {
  const { main, other } = contents(stage, before.checks && second !== null, versions);
  const all = before.references.flatMap((reference) => {
    if (reference.SecretID !== versions.old.id) return [reference];
    return [pointing(reference, reference.File?.Name === second ? (other ?? main) : main)];
  });
  const file = before.references.find(({ SecretID, File }) => SecretID === versions.old.id && File?.Name !== second)?.File;
  const hasSecond = all.some(({ File }) => File?.Name === second);
  if (other === null || second === null || hasSecond || file === null || file === undefined) return all;
  return [...all, pointing({ SecretID: '', SecretName: '', File: { ...file, Name: second } }, other)];
}

/** What is in the file, and in the second one of who checks; null where it has none at this stage. */
function contents(stage: Stage, overlaps: boolean, { old, fresh }: Versions): { readonly main: Version; readonly other: Version | null } {
  switch (stage) {
    case 'old':
      return { main: old, other: null };
    case 'added':
      return { main: old, other: overlaps ? fresh : null };
    case 'swapped':
      return { main: fresh, other: overlaps ? old : null };
    case 'new':
      return { main: fresh, other: null };
  }
}

function pointing(reference: SecretReference, { id, name }: Version): SecretReference {
  return { ...reference, SecretID: id, SecretName: name };
}

/** The service's references now, with those to the two versions as wanted. What others have changed beside them stays. */
export function merged(now: readonly SecretReference[], wanted: readonly SecretReference[], versions: Versions): SecretReference[] {
  const isOurs = ({ SecretID }: SecretReference) => SecretID === versions.old.id || SecretID === versions.fresh.id;
  const others = now.filter((reference) => !isOurs(reference));
  // Their order is part of the specification: another one would replace every task once more.
  if (
    same(
      others,
      wanted.filter((reference) => !isOurs(reference)),
    )
  )
    return [...wanted];
  return [...others, ...wanted.filter(isOurs)];
}

export function referencesOf(spec: { readonly TaskTemplate: ServiceSpec['TaskTemplate'] }): readonly SecretReference[] {
  return spec.TaskTemplate.ContainerSpec?.Secrets ?? [];
}

/** Whichever order the engine gives their keys and themselves. */
export function same(a: readonly SecretReference[], b: readonly SecretReference[]): boolean {
  const text = (all: readonly SecretReference[]) =>
    JSON.stringify(all.map(({ SecretID, File }) => [SecretID, File?.Name, File?.UID, File?.GID, File?.Mode]).toSorted());
  return text(a) === text(b);
}
