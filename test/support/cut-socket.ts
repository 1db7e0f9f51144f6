import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The engine's socket behind one of ours that can be cut like a cable, and mended. */
export interface CutSocket extends AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** Every connection breaks, and none is accepted. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** Connections that were asked for so far with this text in a request. */
  saw(text: string): Promise<void>;
}

export async function cutSocket(): Promise<CutSocket> {
  const engine = (process.env.DOCKER_HOST ?? '').replace(/^unix:\/\//, '');
  if (engine === '') throw new Error('DOCKER_HOST names no engine: these tests need a real one (npm test brings it)');
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-cut-'));
  const path = join(folder, 'docker.sock');
  const open = new Set<Socket>();
  const watchers = new Set<(chunk: string) => void>();
  let server: Server | null = null;
  const mend = async () => {
    server = createServer((client) => {
      const upstream = connect(engine);
      for (const socket of [client, upstream]) {
        open.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          open.delete(socket);
          client.destroy();
          upstream.destroy();
        });
      }
      client.on('data', (chunk) => {
        for (const watcher of watchers) watcher(chunk.toString('latin1'));
      });
      client.pipe(upstream).pipe(client);
    });
    await new Promise<void>((resolve) => server?.listen(path, resolve));
  };
  const cut = async () => {
    const closing = server === null ? Promise.resolve() : new Promise<void>((resolve) => server?.close(() => resolve()));
    server = null;
    for (const socket of open) socket.destroy();
    await closing;
    rmSync(path, { force: true });
  };
  await mend();
  return {
    host: `unix://${path}`,
    cut,
    mend,
    saw: (text) =>
      new Promise((resolve) => {
        const watcher = (chunk: string) => {
          if (!chunk.includes(text)) return;
          watchers.delete(watcher);
          resolve();
        };
        watchers.add(watcher);
      }),
    async [Symbol.asyncDispose]() {
      await cut();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
