import { createHash } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** For the tests of this folder alone: a registry in memory, that does what it should unless `odd` answers in its place. */
export interface FakeRegistry extends AsyncDisposable {
  readonly url: string;
  /** `METHOD /path`, with what follows `/v2/evidence`. */
  readonly asked: string[];
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, { readonly bytes: Buffer; readonly type: string }>;
  /** True: it has answered, or will not. Called before the body is read. */
  odd: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
  /** It keeps the list of referrers itself. */
  referrersApi: boolean;
}

export async function fakeRegistry(): Promise<FakeRegistry> {
  const uploads = new Map<string, Buffer>();
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '', registry.url);
    const path = url.pathname.replace('/v2/evidence', '');
    registry.asked.push(`${request.method} ${path}`);
    if (await registry.odd(request, response)) return;
    if (request.headers.expect !== undefined) response.writeContinue();
    const body = await bodyOf(request);
    const [, kind, name = '', upload = ''] = path.split('/');
    if (kind === 'blobs' && name === 'uploads') {
      if (request.method === 'POST') {
        uploads.set(String(uploads.size), Buffer.alloc(0));
        // As 3.x does: relative, with a state.
        response.writeHead(202, { Location: `/v2/evidence/blobs/uploads/${uploads.size - 1}?_state=a%2Fb` }).end();
        return;
      }
      const whole = Buffer.concat([uploads.get(upload) ?? Buffer.alloc(0), body]);
      uploads.set(upload, whole);
      if (url.searchParams.get('_state') !== 'a/b') response.writeHead(404).end();
      else if (request.method === 'PATCH') response.writeHead(202, { Location: url.href }).end();
      else if (digestOf(whole) !== url.searchParams.get('digest'))
        response.writeHead(400).end(error('DIGEST_INVALID', 'provided digest did not match'));
      else {
        registry.blobs.set(digestOf(whole), whole);
        response.writeHead(201, { 'Docker-Content-Digest': digestOf(whole) }).end();
      }
    } else if (kind === 'blobs') {
      const blob = registry.blobs.get(name);
      if (blob === undefined) response.writeHead(404).end();
      else
        response
          .writeHead(200, { 'Content-Length': blob.length, 'Docker-Content-Digest': name })
          .end(request.method === 'HEAD' ? undefined : blob);
    } else if (kind === 'manifests' && request.method === 'PUT') {
      const stored = { bytes: body, type: request.headers['content-type'] ?? '' };
      registry.manifests.set(name, stored).set(digestOf(body), stored);
      const subject = (JSON.parse(body.toString()) as { subject?: { digest: string } }).subject?.digest;
      const headers = subject !== undefined && registry.referrersApi ? { 'OCI-Subject': subject } : {};
      response.writeHead(201, { 'Docker-Content-Digest': digestOf(body), ...headers }).end();
    } else if (kind === 'manifests') {
      const found = registry.manifests.get(name);
      if (found === undefined) response.writeHead(404).end(error('MANIFEST_UNKNOWN', 'manifest unknown'));
      else response.writeHead(200, { 'Content-Type': found.type }).end(found.bytes);
    } else if (kind === 'referrers' && registry.referrersApi) {
      const all = [...registry.manifests].filter(([key]) => key.startsWith('sha256:'));
      const referring = all.filter(
        ([, { bytes }]) => (JSON.parse(bytes.toString()) as { subject?: { digest: string } }).subject?.digest === name,
      );
      response.writeHead(200, { 'Content-Type': 'application/vnd.oci.image.index.v1+json' });
      response.end(JSON.stringify({ manifests: referring.map(([digest]) => ({ digest })) }));
    } else {
      response.writeHead(404).end('404 page not found\n');
    }
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch(() => response.destroy());
  };
  const server = http.createServer(listener).on('checkContinue', listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const registry: FakeRegistry = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    blobs: new Map(),
    manifests: new Map(),
    odd: () => false,
    referrersApi: false,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return registry;
}

export function error(code: string, message: string, detail?: unknown): string {
  return JSON.stringify({ errors: [{ code, message, detail }] });
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
