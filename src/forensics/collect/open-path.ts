import { closeSync } from 'node:fs';
import { answersAtOnce } from '../proc/mountinfo.ts';
import { handleOf, mountOf, pathOf } from './safe-open.ts';
import type { MountView } from './views.ts';

/**
 * Handle of what has this raw absolute path in the container, over mounts that answer and no link; null when there is none. The last part
 * may be a link, whose handle it then is.
 */
export function openPath(proc: string, [view]: readonly MountView[], path: string): number | null {
  if (view === undefined) return null;
  const names = path.split('/').filter(Boolean);
  let fd = -1;
  try {
    fd = handleOf(`${proc}/${view.hostPid}/root`, { follow: true, folder: true });
    let at = '';
    for (const [i, name] of names.entries()) {
      at += `/${name}`;
      const mount = view.top.get(at);
      if (name === '.' || name === '..' || (mount !== undefined && !answersAtOnce(mount))) throw new Error('not to be entered');
      const next = handleOf(pathOf(fd, name), { folder: i < names.length - 1 });
      closeSync(fd);
      fd = next;
    }
    const on = view.byId.get(mountOf(fd) ?? -1);
    if (on === undefined || !answersAtOnce(on)) throw new Error('on a mount that nobody sees');
    return fd;
  } catch {
    if (fd >= 0) closeSync(fd);
    return null;
  }
}
