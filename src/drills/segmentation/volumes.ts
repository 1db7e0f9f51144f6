import { matchesGlob } from '../../domain/glob.ts';
import type { Finding } from '../../domain/words.ts';
import type { Policy } from './params.ts';
import type { Place } from './world.ts';

interface Writer {
  readonly place: Place;
  /** The volume's name, or the path on the host. */
  readonly what: string;
}

/** FS-16: two services that may write to the same place are joined by it, whatever the networks say. */
export function sharedVolumes(places: readonly Place[], { volumes }: Policy): Finding[] {
  const writers = places.flatMap((place): Writer[] =>
    place.inspect.Mounts.filter(({ RW, Type }) => RW && (Type === 'volume' || Type === 'bind')).map(({ Type, Name, Source }) => ({
      place,
      what: Type === 'volume' ? (Name ?? Source) : Source,
    })),
  );
  const edges = new Map<string, { readonly a: Place; readonly b: Place; readonly what: string }>();
  for (const one of writers) {
    for (const other of writers) {
      if (one.place.service >= other.place.service || !overlap(one.what, other.what)) continue;
      // at least one of them is ours to look at
      if (one.place.target === null && other.place.target === null) continue;
      const what = one.what.length >= other.what.length ? one.what : other.what;
      if (volumes.some((glob) => [one.what, other.what].every((given) => matchesGlob(glob, given) || covers(glob, given)))) continue;
      edges.set(`${one.place.service} ${other.place.service} ${what}`, { a: one.place, b: other.place, what });
    }
  }
  const joined = [...edges.values()];
  const alone = places.filter((place) => place.target !== null && !joined.some(({ a, b }) => a === place || b === place));
  return [...joined.map(shared), ...alone.map(notShared)];
}

function shared({ a, b, what }: { readonly a: Place; readonly b: Place; readonly what: string }): Finding {
  return {
    probe: 'FS-16',
    title: volumeTitle(a.service, b.service, what),
    target: a.target === null ? b.name : a.name,
    state: 'broken',
    severity: 'medium',
    evidence: `${a.name} and ${b.name} both write to ${what}`,
    waivedUntil: null,
  };
}

/** Without it what was once found shared could never be seen to have ended. */
function notShared(place: Place): Finding {
  return {
    probe: 'FS-16',
    title: `${place.service}: what it writes to is its own`,
    target: place.name,
    state: 'holds',
    severity: 'medium',
    evidence: 'no other service mounts a volume or folder for writing that it mounts for writing, but for those that the policy allows',
    waivedUntil: null,
  };
}

function volumeTitle(a: string, b: string, what: string): string {
  return `${a} ↔ ${b}: volume ${what}`;
}

/** The volume in a title of ours. */
export function volumeOf(title: string): string | null {
  return /: volume (.+)$/.exec(title)?.[1] ?? null;
}

/** The same volume, or one path inside the other. */
function overlap(one: string, other: string): boolean {
  return covers(one, other) || covers(other, one);
}

function covers(folder: string, path: string): boolean {
  return folder === path || (folder.startsWith('/') && path.startsWith(folder.endsWith('/') ? folder : `${folder}/`));
}
