import { Agent, request } from 'node:http';

/** The engine's socket with nothing around it: what benches compare with. */
export interface Bare {
  call(method: string, path: string, body?: unknown): Promise<string>;
  /** A busybox with a TERM trap, as the fixture image starts it. */
  run(name: string, label: string, body?: object): Promise<string>;
  close(): void;
}

export function bare(socketPath: string, maxSockets: number): Bare {
  const agent = new Agent({ keepAlive: true, maxSockets });
  const call = (method: string, path: string, body?: unknown) =>
    new Promise<string>((resolve, reject) => {
      const sent = request(
        { socketPath, agent, method, path, headers: body === undefined ? {} : { 'content-type': 'application/json' } },
        (answer) => {
          let text = '';
          answer.on('data', (chunk: Buffer) => (text += chunk));
          answer.on('end', () =>
            (answer.statusCode ?? 500) < 400 ? resolve(text) : reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`)),
          );
        },
      );
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  return {
    call,
    async run(name, label, body = {}) {
      const [key = '', value = ''] = label.split('=');
      const labels = { [key]: value, 'pitwall.drills': 'all' };
      const created = JSON.parse(
        await call('POST', `/containers/create?name=${name}`, { Image: 'pitwall-fixture/busybox:1', Labels: labels, ...body }),
      ) as { Id: string };
      await call('POST', `/containers/${created.Id}/start`);
      return created.Id;
    },
    close: () => agent.destroy(),
  };
}

export function socketOf(env: NodeJS.ProcessEnv): string {
  return (env.DOCKER_HOST ?? 'unix:///var/run/docker.sock').replace(/^unix:\/\//, '');
}
