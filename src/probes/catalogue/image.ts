import { type Answer, broken, type Facts, holds, inconclusive, notApplicable, type Probe } from '../probe.ts';
import { fromStep } from '../read.ts';
import { describeLayer, linesOf } from './history.ts';
import { attackSurface, billOfMaterials } from './image-contents.ts';
import { parseReference } from './image-reference.ts';
import { provenance } from './provenance.ts';
import { supplyChain } from './supply-chain.ts';

const dayMs = 86_400_000;
/** Days after which what was mended in its packages since counts as missing. */
const staleDays = 90;

export const image: readonly Probe[] = [
  {
    id: 'IMG-01',
    group: 'image',
    title: 'The image has a version',
    attempt: 'Reads the reference that the container was created from.',
    severity: 'low',
    safety: 'read-only',
    reading: 'No tag, or `latest`, is broken: nobody can say what runs, or go back to it. A digest or an id is a version.',
    control: 'The engine tells the reference.',
    judge: ({ inspect }) => {
      const text = inspect.Config.Image;
      if (text === '') return inconclusive('the engine does not say from which reference it was created');
      const reference = parseReference(text, inspect.Image);
      if (reference === null) return holds('it goes by the image’s own id');
      if (reference.digest !== null) return holds(`${text} names a digest`);
      if (reference.tag === null || reference.tag === 'latest') return broken(`${text} is whatever was the latest when it was created`);
      return holds(`${text} names a version`);
    },
    weakness: { in: 'moved' },
  },
  {
    id: 'IMG-02',
    group: 'image',
    title: 'The image is pinned by digest',
    attempt: 'Reads the reference that the container was created from, and the digests that the engine knows of its image.',
    severity: 'medium',
    safety: 'read-only',
    reading:
      'A tag alone is broken: it may name something else tomorrow. A digest holds when it is the image’s own; the id of an image pins it on this engine.',
    control: 'The digest is among those that the engine knows of the image.',
    judge: ({ inspect, image: its }) => {
      const text = inspect.Config.Image;
      if (text === '') return inconclusive('the engine does not say from which reference it was created');
      const reference = parseReference(text, inspect.Image);
      if (reference === null) return holds('it goes by the image’s own id');
      const { digest } = reference;
      if (digest === null) return broken(`${text} is a name that can be given to another image`);
      const digests = (its.RepoDigests ?? []).map((known) => known.split('@')[1]);
      if (digests.includes(digest) || its.Id === digest) return holds(`it is pinned to ${digest.slice(0, 19)}…, and that is what runs`);
      return inconclusive(`it is pinned to ${digest.slice(0, 19)}…, which the engine no longer knows as a digest of what runs`);
    },
    weakness: { in: 'moved' },
  },
  {
    id: 'IMG-03',
    group: 'image',
    title: 'The image is not stale',
    attempt: 'Compares the date at which the image was made with today.',
    severity: 'medium',
    safety: 'read-only',
    reading: `More than ${staleDays} days is broken. A date that a reproducible build has set to a fixed one says nothing.`,
    control: 'The date is after the first version of Docker, and not in the future.',
    judge: ({ image: its, host }) => {
      const made = Date.parse(its.Created);
      // fixed dates of reproducible builds: year 1, 1970, 1980
      if (!(made > Date.UTC(2013, 2, 20))) return inconclusive(`its date, ${its.Created || 'none'}, is not that of its making`);
      const days = Math.floor((host.now - made) / dayMs);
      if (days < -1) return inconclusive(`its date, ${its.Created}, is in the future`);
      const said = `it was made ${Math.max(0, days)} days ago`;
      return days > staleDays ? broken(`${said}, more than ${staleDays}`) : holds(said);
    },
    weakness: { in: 'old' },
  },
  {
    id: 'IMG-04',
    group: 'image',
    title: 'It runs what its tag names now',
    attempt: 'Compares the container’s image with the one that its reference names on the engine now.',
    severity: 'medium',
    safety: 'read-only',
    reading:
      'Another image is broken: a newer one is there, and the container was not made anew. A digest or an id cannot move. What a registry has is not asked.',
    control: 'The engine has an image of that name.',
    judge: ({ inspect, named }) => {
      const text = inspect.Config.Image;
      const reference = parseReference(text, inspect.Image);
      if (reference === null || reference.digest !== null) return notApplicable('its reference cannot name another image');
      if (named === null) return inconclusive(`the engine has no image ${text} now`);
      return named === inspect.Image
        ? holds(`${text} is the image that it runs, on this engine`)
        : broken(`${text} is ${named.slice(7, 19)} now, and it still runs ${inspect.Image.slice(7, 19)}`);
    },
    weakness: { in: 'moved' },
  },
  {
    id: 'IMG-05',
    group: 'image',
    title: 'It has a health check',
    attempt: 'Reads the container’s health check, its own or its image’s.',
    severity: 'low',
    safety: 'read-only',
    reading: 'None, `NONE`, or one that cannot fail is broken.',
    control: 'Where it runs, the engine keeps a state of health for it.',
    judge: healthCheck,
    weakness: { in: 'moved' },
  },
  {
    id: 'IMG-06',
    group: 'image',
    title: 'The image names a user that is not root',
    attempt: 'Reads the image’s user, and looks its name up in the image’s own list of users.',
    severity: 'medium',
    safety: 'read-only',
    reading:
      'None, root, 0, or a name with the number 0 is broken, also where this container is given another user: the next one may not be.',
    control: 'The name is in the image’s list of users; a number needs none.',
    steps: ({ image: its }) => {
      const user = userOf(its.Config.User);
      return /^[a-z_][\w.-]*$/i.test(user) ? [{ name: 'lookup', run: `$B awk -F: '$1 == "${user}" { print $3 }' /etc/passwd` }] : [];
    },
    judge: (facts) => {
      const user = userOf(facts.image.Config.User);
      const own = facts.inspect.Config.User;
      const given = own !== '' && own !== facts.image.Config.User ? `; this container is given ${own}` : '';
      const allowed = facts.allow.user;
      if (allowed === 'any' || (allowed ?? []).some((one) => userOf(one) === (user === '' ? 'root' : user)))
        return holds(`its user, ${user === '' ? 'root' : user}, is allowed`);
      if (user === '') return broken(`it names no user, so it starts as root${given}`);
      if (user === 'root' || Number(user) === 0) return broken(`it names ${user}${given}`);
      if (/^\d+$/.test(user)) return holds(`it names user ${user}`);
      return fromStep(facts, 'lookup', ({ output }) => {
        const number = linesOf(output)[0];
        if (number === undefined || !/^\d+$/.test(number)) return inconclusive(`it names ${user}, who is not in its list of users`);
        return Number(number) === 0
          ? broken(`it names ${user}, who is number 0: root${given}`)
          : holds(`it names ${user}, who is number ${number}`);
      });
    },
    weakness: { in: 'leaky-image' },
  },
  {
    id: 'IMG-07',
    group: 'image',
    title: 'Files are copied in, not fetched or unpacked',
    attempt: 'Looks for ADD in the image’s history, but for the root file system that it starts from.',
    severity: 'low',
    safety: 'read-only',
    reading: 'An ADD above the base’s is broken: COPY does neither fetch nor unpack. A history that says nothing is not applicable.',
    control: 'The history says of a layer what made it.',
    judge: ({ history }) => {
      const layers = history.filter((line) => line.trim() !== '').map(describeLayer);
      if (layers.length === 0) return notApplicable('its history does not say what made it: it was imported, not built');
      const last = layers.length - 1;
      // the oldest: every base begins with the ADD of its root file system
      const added = layers.filter(({ instruction, text }, index) => instruction === 'ADD' && !(index === last && isRoot(text)));
      if (added.length > 0) return broken(`${added.length} of ${layers.length} layers: ADD ${clipped(added[0]?.text ?? '')}`);
      return holds(`no ADD in ${layers.length} layers, but for the base’s own`);
    },
    weakness: { in: 'added' },
  },
  attackSurface,
  provenance,
  billOfMaterials,
  ...supplyChain,
];

function healthCheck({ inspect }: Facts): Answer {
  const test = inspect.Config.Healthcheck?.Test ?? [];
  if (test.length === 0) return broken('it has none');
  if (test[0] === 'NONE') return broken('its image’s health check is switched off');
  const command = test.slice(1).join(' ').trim();
  if (/^(?:\/bin\/)?true$|^exit(?: 0)?$|^:$|\|\|\s*(?:true|exit 0|:)$/.test(command)) return broken('its health check cannot fail');
  if (inspect.State.Running && inspect.State.Health === undefined)
    return {
      ...inconclusive('it has one'),
      disagreement: 'the configuration has a health check, and the engine keeps no health of the running container',
    };
  const now = inspect.State.Health === undefined ? '' : `, and is ${inspect.State.Health.Status}`;
  return holds(`it has one${now}`);
}

function userOf(user: unknown): string {
  return (typeof user === 'string' ? user : '').split(':')[0]?.trim() ?? '';
}

function isRoot(text: string): boolean {
  return /(?:^|\s)(?:in\s+)?\/$/.test(text.trim());
}

function clipped(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
