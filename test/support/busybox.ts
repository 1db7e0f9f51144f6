import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, openLab } from '../helper/lab.ts';
import { type Pitwall, pitwall } from './pitwall.ts';

/** What the helper image then always has: there is no telling what happens without. */
export const machineHasBusybox = ['/bin/busybox', '/usr/bin/busybox'].some((path) => existsSync(path));

/** Homes whose helper image gets a static busybox: the fixture image's, as the machine may have none. */
export interface BusyboxHomes extends AsyncDisposable {
  readonly lab: Lab;
  open(env?: NodeJS.ProcessEnv): Pitwall;
}

export async function busyboxHomes(what: string): Promise<BusyboxHomes> {
  const lab = await openLab(what);
  const busybox = await lab.busybox();
  return {
    lab,
    open(env) {
      const home = pitwall(env);
      mkdirSync(join(home.home, 'helper'));
      copyFileSync(busybox, join(home.home, 'helper/busybox'));
      return home;
    },
    [Symbol.asyncDispose]: () => lab.close(),
  };
}
