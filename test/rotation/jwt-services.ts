import { openSystemLab } from './system-lab.ts';

export type JwtLab = Awaited<ReturnType<typeof openJwtLab>>;

/** An issuer that serves a file, and verifiers that fetch it and check tokens as the usual libraries do: an unknown kid makes them fetch again. */
export async function openJwtLab() {
  const base = await openSystemLab('jwt');
  return {
    ...base,
    issuer: (service: string, files: Readonly<Record<string, string>>) =>
      base.replica(service, service, files, {
        Cmd: ['sh', '-c', 'until [ -e /tmp/go ]; do sleep 0.05; done; trap "exit 0" TERM; httpd -f -p 8080 -h /srv & wait'],
      }),
    /** `deaf`: SIGHUP does not make it forget what it has fetched. `hoards`: nothing does. */
    verifier: async (service: string, name: string, issuer: string, { deaf = false, hoards = false } = {}) => {
      const url = `http://${base.lab.mark}-${issuer}:8080/jwks.json`;
      const Entrypoint = ['node', '-e', script, url, ...(hoards ? ['hoards'] : deaf ? ['deaf'] : [])];
      // of the demo's shop for its node
      const body = { Image: 'pitwall-demo/shop:1', Entrypoint, Cmd: [], HostConfig: base.HostConfig, Labels: base.labelsOf(service) };
      base.join(service, await base.lab.run(name, body));
    },
  };
}

const script = `
const http = require('node:http');
const { createPublicKey, verify } = require('node:crypto');
const [, url, deaf] = process.argv;
let cached = null;
process.on('SIGHUP', () => { if (!deaf) cached = null; });
process.on('SIGTERM', () => process.exit(0));
const fetched = async () => {
  const { keys } = await (await fetch(url)).json();
  cached = { keys: deaf === 'hoards' ? [...(cached?.keys ?? []), ...keys] : keys };
};
const named = (kid) => cached?.keys.find((key) => key.kid === kid);
const part = (text) => JSON.parse(Buffer.from(text, 'base64url').toString());
http.createServer(async (request, response) => {
  try {
    const [head, body, signature] = request.headers.authorization.replace('Bearer ', '').split('.');
    const { kid, alg } = part(head);
    if (!named(kid)) await fetched();
    const jwk = named(kid);
    if (!jwk || jwk.alg !== alg) return response.writeHead(401).end();
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const how = alg === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' } : key;
    const good = verify(alg === 'EdDSA' ? null : 'sha256', Buffer.from(head + '.' + body), how, Buffer.from(signature, 'base64url'));
    const { aud, exp } = part(body);
    response.writeHead(good && aud === 'shop' && exp * 1000 > Date.now() ? 200 : 401).end();
  } catch { response.writeHead(500).end(); }
}).listen(8081);
`;
