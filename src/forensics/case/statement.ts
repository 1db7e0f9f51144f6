import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../access/canonical.ts';
import type { Artefact } from '../../domain/evidence.ts';
import type { Json } from '../../domain/journal.ts';
import type { Manifest } from './manifest.ts';

export const predicateType = 'https://pitwall.dev/evidence/v1';
const statementType = 'https://in-toto.io/Statement/v1';

/** The in-toto statement over every file of the export; what it says of the capture are the fields that NIST SP 800-61 and RFC 3227 ask for. */
export function statementOf(
  manifest: Manifest,
  subjects: readonly Artefact[],
  custody: { readonly head: string; readonly keyid: string; readonly storage: string },
): Buffer {
  const { container, engine, host, alert } = manifest;
  const predicate = {
    case: manifest.id,
    run: manifest.runId,
    operator: { name: manifest.actor, trigger: manifest.trigger, reason: manifest.reason },
    host: { ...host, addresses: host.addresses.map((address) => ({ ...address })) },
    engine: { ...engine },
    container: { id: container.id, name: container.name, service: container.service, image: container.image, imageId: container.imageId },
    tool: { name: 'pitwall', version: manifest.version },
    times: {
      requested: manifest.requestedAt,
      frozen: manifest.frozenAt,
      released: manifest.releasedAt ?? null,
      sealed: manifest.sealedAt,
      zone: host.zone,
    },
    alertSha256: alert === undefined || alert === null ? null : createHash('sha256').update(canonicalJson(alert)).digest('hex'),
    steps: manifest.coverage.map(({ step, state, reason, share, bytes, startedAt, ms }) => ({
      step,
      state,
      reason,
      share,
      bytes,
      start: startedAt,
      ms,
    })),
    seal: manifest.seal === null ? null : { state: manifest.seal.state, reasons: [...manifest.seal.reasons] },
    images: manifest.images.map((image) => ({ ...image })),
    alterations: [...manifest.alterations],
    missing: [...manifest.missing],
    cut: manifest.cut.map((one) => ({ ...one })),
    recovered: manifest.recovered,
    storage: custody.storage,
    custody: { head: custody.head, keyid: custody.keyid },
    files: subjects.map(({ path, bytes }) => ({ path, bytes })),
  } satisfies Json;
  const subject = subjects.map(({ path, sha256 }) => ({ name: path, digest: { sha256 } }));
  return Buffer.from(canonicalJson({ _type: statementType, subject, predicateType, predicate }));
}

const hex = z.string().regex(/^[0-9a-f]{64}$/);
/** What can stand in a tar; one that was not made by us may say anything. */
export const fileName = z.string().regex(/^[^\0]{1,4096}$/);
const shape = z.looseObject({
  _type: z.literal(statementType),
  predicateType: z.literal(predicateType),
  subject: z.array(z.strictObject({ name: fileName, digest: z.strictObject({ sha256: hex }) })),
  predicate: z.looseObject({
    case: z.string(),
    times: z.looseObject({ sealed: z.string() }),
    custody: z.strictObject({ head: hex, keyid: hex }),
    files: z.array(z.strictObject({ path: z.string(), bytes: z.number().int().nonnegative() })),
  }),
});

/** What a verification needs of it. */
export interface Statement {
  readonly case: string;
  readonly sealedAt: string;
  readonly custodyHead: string;
  readonly keyid: string;
  readonly files: readonly SignedFile[];
}

export interface SignedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Null when it is no statement of ours. */
export function parseStatement(payload: Buffer): Statement | null {
  try {
    const { subject, predicate } = shape.parse(JSON.parse(payload.toString('utf8')));
    const files = subject.map(({ name, digest }, at) => {
      const file = predicate.files[at];
      if (file === undefined || file.path !== name) throw new Error('a subject has no size');
      return { path: name, bytes: file.bytes, sha256: digest.sha256 };
    });
    return {
      case: predicate.case,
      sealedAt: predicate.times.sealed,
      custodyHead: predicate.custody.head,
      keyid: predicate.custody.keyid,
      files,
    };
  } catch {
    return null;
  }
}
