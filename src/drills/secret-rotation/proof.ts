import { z } from 'zod';
import { oneOf, text } from '../../config/fields.ts';
import type { CheckSpec } from '../../domain/drill.ts';

/** A consumer's golden request. */
export type Proof =
  | { readonly http: string; readonly status: number; readonly from?: { readonly service: string } | undefined }
  | { readonly exec: readonly string[]; readonly in?: { readonly service: string } | undefined };

export function proofSchema(): z.ZodType<Proof> {
  return oneOf<Proof>(
    {
      http: () =>
        z.strictObject({
          http: z
            .string()
            .regex(/^https?:\/\/[^/@]+(\/.*)?$/, {
              error: 'is not an http or https URL without a user name (try http://127.0.0.1:8080/orders)',
            })
            .describe('GET this.'),
          status: z.int().min(100).max(599).default(200).describe('The status that must come back.'),
          from: z.strictObject({ service: text() }).optional().describe('Ask from inside this service; default: from where Pitwall runs.'),
        }),
      exec: () =>
        z.strictObject({
          exec: z.array(z.string()).min(1).describe('Program and arguments, no shell; exit code 0 is the proof.'),
          in: z.strictObject({ service: text() }).optional().describe('Where it runs; default: in the consumer.'),
        }),
    },
    'proof',
  );
}

/** It is asked inside the consumer's own replicas. */
export function ofItself(proof: Proof, service: string): boolean {
  const where = 'http' in proof ? proof.from?.service : (proof.in?.service ?? service);
  return where === service;
}

export function checkOf(proof: Proof, service: string, everyMs: number): CheckSpec {
  const base = { name: `${service} works`, everyMs, timeoutMs: Math.max(2_000, everyMs), minAvailability: null };
  if ('http' in proof) return { ...base, type: 'http', url: proof.http, status: proof.status, from: proof.from ?? null };
  const expect = { exitCode: 0, min: null, max: null, equals: null, contains: null };
  return { ...base, type: 'exec', argv: proof.exec, in: proof.in ?? { service }, expect };
}
