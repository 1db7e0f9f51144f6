import { z } from 'zod';
import type { CheckSpec, Expectation } from '../../domain/drill.ts';
import { bad, good, type Parsed } from '../../domain/parsed.ts';
import { duration, oneOf, parsedBy, percent, text } from '../fields.ts';

/** One check of the steady state; exactly one of http, tcp, exec and health says which. */
export function checkSchema(): z.ZodType<CheckSpec> {
  return oneOf<CheckSpec>({ http, tcp, exec, health }, 'check');
}

function common() {
  return {
    name: text().max(80).describe('What it shows, in a few words; unique in the drill.'),
    every: duration({ min: 20 }).prefault('1s').describe('Pause between two samples.'),
    timeout: duration({ min: 1 }).prefault('2s').describe('A sample without an answer by then has failed.'),
    minAvailability: percent()
      .optional()
      .describe('The least share of samples during the run that must be good; without it they are reported and nothing is required.'),
  };
}

function base(raw: { name: string; every: number; timeout: number; minAvailability?: number | undefined }) {
  return { name: raw.name, everyMs: raw.every, timeoutMs: raw.timeout, minAvailability: raw.minAvailability ?? null };
}

const service = () =>
  z.strictObject({ service: text().describe("A service of the targets' Compose project; every running replica of it.") });
const from = () => service().optional().describe('Ask from inside this service; default: from where Pitwall runs.');

function http() {
  return z
    .strictObject({
      ...common(),
      http: parsedBy(parseUrl, {
        anyOf: [{ type: 'string', pattern: '^https?://' }],
        examples: ['http://127.0.0.1:8080/healthz'],
        $comment: 'URL',
      }).describe('GET this.'),
      status: z.int().min(100).max(599).default(200).describe('The status that must come back.'),
      from: from(),
    })
    .transform((raw): CheckSpec => ({ ...base(raw), type: 'http', url: raw.http, status: raw.status, from: raw.from ?? null }));
}

function tcp() {
  return z
    .strictObject({
      ...common(),
      tcp: parsedBy(parseAddress, {
        anyOf: [{ type: 'string', pattern: ':[0-9]{1,5}$' }],
        examples: ['db:5432'],
        $comment: 'host:port',
      }).describe('A connection to this must be accepted.'),
      from: from(),
    })
    .transform((raw): CheckSpec => ({ ...base(raw), type: 'tcp', address: raw.tcp, from: raw.from ?? null }));
}

function exec() {
  return z
    .strictObject({
      ...common(),
      exec: z.array(z.string()).min(1).describe('Program and arguments; no shell.'),
      in: service().describe('Where it runs.'),
      expect: expectation().optional().describe('What its answer must be; default: exit code 0.'),
    })
    .transform((raw): CheckSpec => ({ ...base(raw), type: 'exec', argv: raw.exec, in: raw.in, expect: raw.expect ?? whenSilent }));
}

function health() {
  return z
    .strictObject({ ...common(), health: service().describe("Each running replica's own health check must say healthy.") })
    .transform((raw): CheckSpec => ({ ...base(raw), type: 'health', service: raw.health.service }));
}

const whenSilent: Expectation = { exitCode: 0, min: null, max: null, equals: null, contains: null };

function expectation() {
  return z
    .strictObject({
      exitCode: z.int().min(0).max(255).default(0).describe('The exit code.'),
      min: z.number().optional().describe('The first line of its output as a number: at least this.'),
      max: z.number().optional().describe('The first line of its output as a number: at most this.'),
      equals: z.string().optional().describe('The first line of its output is this.'),
      contains: text().optional().describe('Its output holds this.'),
    })
    .transform(
      (raw): Expectation => ({
        exitCode: raw.exitCode,
        min: raw.min ?? null,
        max: raw.max ?? null,
        equals: raw.equals ?? null,
        contains: raw.contains ?? null,
      }),
    );
}

function parseUrl(input: unknown): Parsed<string> {
  if (typeof input !== 'string' || !/^https?:\/\/[^/]/.test(input) || !URL.canParse(input))
    return bad('is not an http or https URL (try http://127.0.0.1:8080/healthz)');
  const url = new URL(input);
  return url.username === '' && url.password === '' ? good(input) : bad('must not carry a user name or a password');
}

function parseAddress(input: unknown): Parsed<string> {
  const [, port] = (typeof input === 'string' && /^(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+):(\d{1,5})$/.exec(input)) || [];
  return typeof input === 'string' && Number(port) >= 1 && Number(port) <= 65_535 ? good(input) : bad('is not host:port (try db:5432)');
}
