/**
 * An alert as Falco's http_output and falcosidekick's webhook send it (https://falco.org/docs/concepts/outputs/formatting/). Names and texts
 * in it may come from the attacker: they are compared and kept, and decide nothing by themselves.
 */
import { createHash } from 'node:crypto';
import { InvalidError } from '../../domain/errors.ts';
import type { Json } from '../../domain/journal.ts';
import { type Priority, parsePriority, priorities } from '../../domain/priority.ts';
import { isNumber, isObject, type Lossless, parseLossless } from './lossless-json.ts';

export interface Alert {
  readonly rule: string;
  readonly priority: Priority;
  /** The sentence, with its time stamp; null when Falco was told to leave it out. */
  readonly output: string | null;
  /** As it was written. */
  readonly time: string | null;
  readonly hostname: string | null;
  readonly source: string | null;
  readonly uuid: string | null;
  readonly tags: readonly string[];
  /** `output_fields`, all of them: `proc.pid`, `proc.cmdline`, … Numbers as they were written, what is nested as its JSON. */
  readonly fields: ReadonlyMap<string, string | null>;
  /** The body, as it came. */
  readonly raw: string;
}

/** Longer than any body that Falco makes. */
export const maxAlertBytes = 256 * 1024;

/** @throws InvalidError `bad_alert`, which says what is wrong with it. */
export function parseAlert(raw: string): Alert {
  const body = parsed(raw);
  if (!isObject(body)) throw badAlert('is not a JSON object');
  const text = (key: string): string | null => {
    const value = body.get(key) ?? null;
    if (value === null || typeof value === 'string') return value;
    throw badAlert(`has no text as its ${key}`);
  };
  const rule = text('rule');
  if (rule === null || rule === '') throw badAlert('has no rule');
  const written = text('priority');
  const priority = written === null ? null : parsePriority(written);
  if (priority === null) {
    throw badAlert(written === null ? 'has no priority' : `has the priority ${quoted(written)} (expected one of ${priorities.join(', ')})`);
  }
  return {
    rule,
    priority,
    output: text('output'),
    time: text('time'),
    hostname: text('hostname'),
    source: text('source'),
    uuid: text('uuid'),
    tags: tagsOf(body.get('tags')),
    fields: fieldsOf(body.get('output_fields')),
    raw,
  };
}

/** As it becomes part of the evidence: all numbers as text, and `raw`, from which everything can be read again. */
export function alertAsJson(alert: Alert): Json {
  const { rule, priority, output, time, hostname, source, uuid, tags, raw } = alert;
  // What assigns instead of defining would take this key for the prototype; `raw` has it.
  const fields = Object.fromEntries([...alert.fields].filter(([name]) => name !== '__proto__'));
  const sha256 = createHash('sha256').update(raw).digest('hex');
  return { kind: 'falco', rule, priority, output, time, hostname, source, uuid, tags, fields, raw, sha256 };
}

/** For messages: cut, and without control characters. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

function parsed(raw: string): Lossless {
  try {
    return parseLossless(raw);
  } catch (error) {
    if (error instanceof SyntaxError) throw badAlert(`is not JSON: ${error.message}`);
    throw error;
  }
}

function tagsOf(value: Lossless | undefined): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((tag) => typeof tag === 'string')) return value;
  throw badAlert('has tags that are not a list of texts');
}

function fieldsOf(value: Lossless | undefined): ReadonlyMap<string, string | null> {
  if (value === undefined || value === null) return new Map();
  if (!isObject(value)) throw badAlert('has output_fields that are not an object');
  return new Map([...value].map(([name, field]) => [name, field === null ? null : textOf(field)]));
}

function textOf(value: Lossless): string {
  if (typeof value === 'string') return value;
  if (isNumber(value)) return value.number;
  return written(value);
}

function written(value: Lossless): string {
  if (isNumber(value)) return value.number;
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  if (isObject(value)) return `{${[...value].map(([key, member]) => `${JSON.stringify(key)}:${written(member)}`).join(',')}}`;
  return JSON.stringify(value);
}

function badAlert(problem: string): InvalidError {
  return new InvalidError('bad_alert', `the alert ${problem}`, {
    hint: 'send it as Falco does with json_output: true, or falcosidekick as a webhook',
  });
}
