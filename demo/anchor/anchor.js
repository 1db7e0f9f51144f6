/**
 * A crypto-anchor: a small service in front of a PKCS#11 token (SoftHSM), whose key never leaves it. It opens envelopes for applications that it
 * knows, at a limited rate, and writes down whom it served.
 *
 *   APPS           `name:token,name:token:limit`: who may ask, what each shows for it, and its own limit
 *   LIMIT, WINDOW  so many envelopes for an application in so many ms (default: 50 in 10000)
 *   ALERT_WEBHOOK  told when an application goes beyond that, at most once a window; without it alerts are only counted
 *   ALERT_TOKEN    a bearer token for it
 *
 * GET /public: the public key. POST /unwrap: an envelope in base64, and the key in it comes back. POST /export: refused.
 */
import { createServer } from 'node:http';
import { note, revoked } from './book.js';
import { openToken } from './token.js';

const { APPS = '', LIMIT = '50', WINDOW = '10000', ALERT_WEBHOOK, ALERT_TOKEN } = process.env;
const known = APPS.split(',').map((entry) => entry.split(':'));
const apps = new Map(known.map(([name, shown]) => [shown, name]));
const limits = new Map(known.map(([name, , limit]) => [name, Number(limit ?? LIMIT)]));
const token = await openToken();
const taken = new Map();

const server = createServer(async (request, response) => {
  const { status, body } = await answer(request).catch(() => ({ status: 500, body: 'failed' }));
  response.writeHead(status, { connection: 'close' });
  response.end(body);
});
server.listen(8200, () => console.log('listening on 8200'));
process.once('SIGTERM', () => process.exit(0));

async function answer(request) {
  if (request.url === '/public') return { status: 200, body: token.publicKey };
  const app = apps.get(request.headers['x-anchor-token']);
  if (app === undefined) return { status: 401, body: 'unknown' };
  if (request.url === '/export') {
    note('refused', app, 'export');
    return { status: 403, body: await token.whyNotExported() };
  }
  if (request.url !== '/unwrap') return { status: 404, body: 'unknown' };
  if (revoked(app)) return refuse(app, 403, 'revoked');
  if (!admit(app)) {
    await alert(app);
    return refuse(app, 429, 'too many');
  }
  let envelope = '';
  for await (const chunk of request) envelope += chunk;
  const key = await token.decrypt(Buffer.from(envelope, 'base64'));
  note('audit', app, String(request.headers['x-row'] ?? '').replaceAll(/\W/g, ''));
  return { status: 200, body: key.toString('base64') };
}

function refuse(app, status, why) {
  note('refused', app, why);
  return { status, body: why };
}

function admit(app) {
  const now = performance.now();
  const recent = (taken.get(app) ?? []).filter((at) => at > now - Number(WINDOW));
  const free = recent.length < limits.get(app);
  taken.set(app, free ? [...recent, now] : recent);
  return free;
}

const alerted = new Map();

async function alert(app) {
  const now = performance.now();
  if (now - (alerted.get(app) ?? Number.NEGATIVE_INFINITY) < Number(WINDOW)) return;
  alerted.set(app, now);
  note('alerts', app, 'beyond its rate');
  if (ALERT_WEBHOOK === undefined) return;
  const headers = { 'content-type': 'application/json', ...(ALERT_TOKEN === undefined ? {} : { authorization: `Bearer ${ALERT_TOKEN}` }) };
  await fetch(ALERT_WEBHOOK, { method: 'POST', headers, body: JSON.stringify({ rule: 'anchor rate', app }) }).catch(() => undefined);
}
