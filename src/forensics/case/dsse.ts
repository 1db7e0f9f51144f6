import type { KeyObject } from 'node:crypto';
import { verify } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../access/canonical.ts';
import type { Signer } from './keys.ts';

export const inTotoType = 'application/vnd.in-toto+json';

/** A signed envelope (DSSE v1, https://github.com/secure-systems-lab/dsse). Always written the same way: canonical JSON, nothing behind it. */
export function envelope(payload: Buffer, signer: Signer): Buffer {
  const sig = signer.sign(preAuthentication(payload)).toString('base64');
  return written({ payload: payload.toString('base64'), payloadType: inTotoType, signatures: [{ keyid: signer.keyid, sig }] });
}

export type Opened =
  | { readonly payload: Buffer; readonly keyid: string; readonly signed: boolean }
  /** It is not an envelope, or not one that is written as ours are. */
  | { readonly problem: string };

const shape = z.strictObject({
  payload: z.string(),
  payloadType: z.literal(inTotoType),
  signatures: z.tuple([z.strictObject({ keyid: z.string(), sig: z.string() })]),
});

export function openEnvelope(bytes: Buffer, key: KeyObject): Opened {
  let parsed: z.infer<typeof shape>;
  try {
    parsed = shape.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    return { problem: 'is not a DSSE envelope with one signature' };
  }
  const [{ keyid, sig }] = parsed.signatures;
  const payload = Buffer.from(parsed.payload, 'base64');
  const signature = Buffer.from(sig, 'base64');
  const again = written({ ...parsed, payload: payload.toString('base64'), signatures: [{ keyid, sig: signature.toString('base64') }] });
  if (!again.equals(bytes)) return { problem: 'is not written as Pitwall writes it: bytes were changed' };
  return { payload, keyid, signed: verify(null, preAuthentication(payload), key, signature) };
}

/** What is signed: the length and text of type and payload. */
export function preAuthentication(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${inTotoType.length} ${inTotoType} ${payload.length} `), payload]);
}

function written(value: z.infer<typeof shape>): Buffer {
  return Buffer.from(canonicalJson({ ...value }));
}
