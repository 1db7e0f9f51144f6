/**
 * Orders, each sealed with a key of its own, which only the anchor's key opens. Where the key is:
 *   ANCHOR_URL, ANCHOR_TOKEN  in the anchor, as it should be
 *   KEY, or a file key.pem beside this program or among the orders: in the environment, the image or the volume, as it should not be
 */
import { constants, createCipheriv, createDecipheriv, createPublicKey, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const folder = '/orders';
const { ANCHOR_URL, ANCHOR_TOKEN, KEY } = process.env;
const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' };

export async function seal(orders) {
  const key = createPublicKey(localKey() ?? (await theAnchors()));
  mkdirSync(folder, { recursive: true });
  for (const [id, order] of orders.entries()) {
    const own = randomBytes(32);
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', own, nonce);
    const text = Buffer.concat([cipher.update(JSON.stringify(order)), cipher.final()]);
    const parts = { envelope: publicEncrypt({ key, ...padding }, own), nonce, text, tag: cipher.getAuthTag() };
    const line = Object.fromEntries(Object.entries(parts).map(([name, bytes]) => [name, bytes.toString('base64')]));
    writeFileSync(`${folder}/${id}.json`, JSON.stringify(line));
  }
}

async function theAnchors() {
  const answer = await fetch(`${ANCHOR_URL}/public`);
  return { key: Buffer.from(await answer.text(), 'base64'), format: 'der', type: 'spki' };
}

/** Those that can be read now. */
export async function read() {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const local = localKey();
  const orders = await Promise.all(names.map((name) => open(name, local).catch(() => null)));
  return orders.filter((order) => order !== null);
}

/** So many times the first, all at once: how often the anchor allowed it. */
export async function burst(times) {
  return (await Promise.all(Array.from({ length: times }, readOne))).filter(Boolean).length;
}

/** Whether the first can be read: one operation of the anchor. */
export async function readOne() {
  const first = readdirSync(folder).find((name) => name.endsWith('.json'));
  return first !== undefined && (await open(first, localKey()).catch(() => null)) !== null;
}

async function open(name, local) {
  const sealed = Object.fromEntries(
    Object.entries(JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))).map(([part, text]) => [part, Buffer.from(text, 'base64')]),
  );
  const key = local === null ? await ask(sealed.envelope, name) : privateDecrypt({ key: local, ...padding }, sealed.envelope);
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.nonce).setAuthTag(sealed.tag);
  return JSON.parse(Buffer.concat([decipher.update(sealed.text), decipher.final()]).toString());
}

async function ask(envelope, row) {
  const headers = { 'x-anchor-token': ANCHOR_TOKEN, 'x-row': row };
  const answer = await fetch(`${ANCHOR_URL}/unwrap`, { method: 'POST', headers, body: envelope.toString('base64') });
  if (!answer.ok) throw new Error(`refused: ${answer.status}`);
  return Buffer.from(await answer.text(), 'base64');
}

function localKey() {
  if (KEY) return Buffer.from(KEY, 'base64').toString();
  const file = [new URL('key.pem', import.meta.url).pathname, `${folder}/key.pem`].find(existsSync);
  return file === undefined ? null : readFileSync(file, 'utf8');
}
