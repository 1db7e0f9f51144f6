import { randomBytes } from 'node:crypto';
import { nodePath } from '../../container/node-runtime.ts';
import { labelsOf, type Workshop } from '../tools.ts';

/** Listens and is killed: the socket stays, and nobody answers at it. */
const die = "require('net').createServer().listen('/plant/docker.sock', () => process.kill(process.pid, 'SIGKILL'))";
/** A first process is not killed by itself. */
const program = `require('child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(die)}], { stdio: 'inherit' })`;

/** A volume of ours with a dead socket `docker.sock`; to be removed by the caller. */
export async function plantSocket(shop: Workshop): Promise<string> {
  const { engine, signal } = shop;
  const volume = `pitwall-socket-${randomBytes(4).toString('hex')}`;
  const labels = labelsOf(shop, 'weak');
  await engine.createVolume(volume, labels);
  try {
    const { id } = await engine.create(volume, {
      Image: shop.helperImage,
      Entrypoint: [nodePath, '-e', program],
      Cmd: [],
      User: '0:0',
      Labels: labels,
      HostConfig: {
        NetworkMode: 'none',
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        ReadonlyRootfs: true,
        Memory: 128 * 1024 * 1024,
        PidsLimit: 64,
        Mounts: [{ Type: 'volume', Source: volume, Target: '/plant' }],
        LogConfig: { Type: 'none', Config: {} },
      },
    });
    try {
      await engine.start(id, { signal });
      await engine.wait(id, { signal, timeoutMs: 15_000 });
    } finally {
      await engine.remove(id, { force: true, anonymousVolumes: true });
    }
    return volume;
  } catch (error) {
    await engine.removeVolume(volume).catch(() => undefined);
    throw error;
  }
}
