import { EngineError } from '../domain/errors.ts';

/** Engine 20.10; what older ones lack is not worked round. */
const oldest = '1.41';
/** The newest API whose answers we have read; a newer engine is asked in this version, which it still speaks. */
const newest = '1.51';

export interface EngineVersion {
  readonly version: string;
  readonly apiVersion: string;
  readonly minApiVersion: string;
}

/** The version to speak: the newest that both know. */
export function negotiate(engine: string, theirs: EngineVersion): string {
  if (!isVersion(theirs.apiVersion)) {
    throw new EngineError(
      'engine_version',
      `engine ${engine}: says its API version is "${theirs.apiVersion}"; a Docker Engine says one like 1.45`,
      {
        hint: 'is this address a Docker Engine?',
        context: { engine, apiVersion: theirs.apiVersion },
      },
    );
  }
  if (compareVersions(theirs.apiVersion, oldest) < 0) {
    throw new EngineError(
      'engine_version',
      `engine ${engine}: Docker ${theirs.version} speaks API ${theirs.apiVersion}; Pitwall needs ${oldest} or later`,
      {
        hint: 'upgrade this engine to Docker 20.10 or later',
        context: { engine, apiVersion: theirs.apiVersion, version: theirs.version },
      },
    );
  }
  const spoken = compareVersions(theirs.apiVersion, newest) < 0 ? theirs.apiVersion : newest;
  // An engine of years from now may have dropped what we know best: its oldest is then the closest.
  return isVersion(theirs.minApiVersion) && compareVersions(theirs.minApiVersion, spoken) > 0 ? theirs.minApiVersion : spoken;
}

/** Negative when `a` is older. As numbers: 1.9 is older than 1.41. */
export function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}

function isVersion(text: string): boolean {
  return /^\d+\.\d+$/.test(text);
}
