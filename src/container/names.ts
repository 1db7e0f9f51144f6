import { createHash } from 'node:crypto';

export interface TemporaryNames {
  /** What the new container is called until the names are swapped. */
  readonly fresh: string;
  /** What the old one is called from then on. */
  readonly parked: string;
}

const stemLength = 36;

/**
 * The same for one container in one run, so that what was created before its id was written down is found again.
 * At most 63 characters. Neither ever gets into DNS: a container is only started under its real name.
 */
export function temporaryNames(runId: string, id: string, name: string): TemporaryNames {
  const hash = createHash('sha256').update(`${runId}\n${id}`).digest('hex').slice(0, 10);
  const stem = name.slice(0, stemLength);
  return { fresh: `${stem}.pitwall-new-${hash}`, parked: `${stem}.pitwall-old-${hash}` };
}

/** Whether it is a name that a recreate gave in place of `name`, in whatever run. */
export function isTemporary(temporary: string, name: string): boolean {
  return /\.pitwall-(new|old)-[0-9a-f]{10}$/.test(temporary) && temporary.startsWith(`${name.slice(0, stemLength)}.pitwall-`);
}

/** The 12 digits that the engine uses as host name and as alias. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}

/** The engine writes names with a slash in front. */
export function plainName(name: string): string {
  return name.replace(/^\//, '');
}
