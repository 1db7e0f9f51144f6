import { type Answer, answer } from './answers.ts';
import type { Body } from './body.ts';
import type { Context } from './context.ts';
import { plantOrphan } from './inside.ts';

/** LC-02: an orphan that is left to its first process is reaped when it ends. */
export async function zombies(body: Body, context: Context): Promise<Answer & { readonly left: boolean }> {
  const { HostConfig } = await body.look();
  if (HostConfig.PidMode !== '')
    return {
      ...answer('not-applicable', `it lives among the processes of another (PidMode ${HostConfig.PidMode}), whose first process reaps`),
      left: false,
    };
  const init = HostConfig.Init === true ? 'it has an init of Docker’s (--init)' : 'it has no init of Docker’s';
  const orphan = await plantOrphan(body.id, context);
  const made = 'busybox sh -c "sleep 1 &" among its processes';
  if (!orphan.adopted) return { ...answer('inconclusive', made, `the orphan’s parent was ${orphan.parent}, not 1`), left: false };
  const adopted = `${made}; the orphan was adopted by process 1`;
  switch (orphan.end) {
    case 'reaped':
      return { ...answer('holds', adopted, 'and was gone when it had ended', init), left: false };
    case 'zombie':
      return { ...answer('broken', adopted, 'and was a zombie 2.5 s after its end', init), left: true };
    case 'unknown':
      return { ...answer('inconclusive', adopted, 'and was not seen to end'), left: false };
  }
}
