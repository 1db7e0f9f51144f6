import { closeSync } from 'node:fs';
import { answersAtOnce, type Mount } from '../proc/mountinfo.ts';
import { handleOf, mountOf, pathOf } from './safe-open.ts';
import type { MountView } from './views.ts';

/**
 * Goes down a container's folders handle by handle: a link is never followed, as it would lead over the reader's own root, and nothing
 * that is mounted is entered. Keeps the handles of where it is, so that neighbours cost one step.
 */
export class Descent implements Disposable {
  readonly #path: string;
  readonly #root: number;
  readonly #mountPoints: ReadonlyMap<string, Mount>;
  #open: { name: string; fd: number }[] = [];

  /** `path` is where `root` is, raw. The handle becomes this one's. */
  constructor(view: MountView, path: string, root: number) {
    this.#path = path === '/' ? '' : path;
    this.#root = root;
    this.#mountPoints = view.top;
  }

  /** Something else is mounted there; `relative` as for `folder`. */
  covered(relative: string): boolean {
    return this.#mountPoints.has(`${this.#path}/${relative}`);
  }

  /** Handle of a folder, its path relative to the root of this and without empty parts; null when it is none. Good until the next call. */
  folder(relative: string): number | null {
    const names = relative === '' ? [] : relative.split('/');
    let same = 0;
    while (same < this.#open.length && same < names.length && this.#open[same]?.name === names[same]) same++;
    for (const { fd } of this.#open.splice(same)) closeSync(fd);
    for (let i = same; i < names.length; i++) {
      const name = names[i] ?? '';
      if (name === '' || name === '.' || name === '..' || this.covered(names.slice(0, i + 1).join('/'))) return null;
      try {
        this.#open.push({ name, fd: handleOf(pathOf(this.#open.at(-1)?.fd ?? this.#root, name), { folder: true }) });
      } catch {
        return null;
      }
    }
    return this.#open.at(-1)?.fd ?? this.#root;
  }

  [Symbol.dispose](): void {
    for (const { fd } of this.#open.splice(0)) closeSync(fd);
    closeSync(this.#root);
  }
}

/** Handle of what is mounted as `mount`, over folders that answer; throws with a sentence when it cannot be reached. */
export function reachMount(proc: string, view: MountView, mount: Mount): number {
  let fd = handleOf(`${proc}/${view.hostPid}/root`, { follow: true, folder: true });
  let path = '';
  try {
    for (const name of mount.path.split('/').filter(Boolean)) {
      path += `/${name}`;
      const on = view.top.get(path);
      if (on !== undefined && !answersAtOnce(on)) throw new Error(`it is below ${path}, which is ${on.type}`);
      const next = handleOf(pathOf(fd, name), { folder: true });
      closeSync(fd);
      fd = next;
    }
    if (mountOf(fd) !== mount.id) throw new Error('something else is mounted over it');
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
