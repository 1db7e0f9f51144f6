/** Requests of the description: those that it asks for, and those that are wrong in one place or another. */
import fc from 'fast-check';
import { junk, nearlyOf, oneOf, type Schema } from './values.ts';

export interface Operation {
  readonly method: string;
  /** As the description writes it: `/api/v1/runs/{id}`. */
  readonly path: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly body: Schema | null;
}

export interface Request {
  readonly method: string;
  /** Of the operation. */
  readonly path: string;
  readonly target: string;
  readonly token: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** What is there, by the name of the parameter. */
export type Known = Readonly<Record<string, readonly string[]>>;

export interface Sources {
  readonly known: Known;
  /** Of all roles, of narrow scope, and none. */
  readonly tokens: readonly (string | undefined)[];
  /** May do everything. */
  readonly admin: string;
}

/** Half of them as the description asks for, with a token that may; half with anything wrong. */
export function requestOf(operations: readonly Operation[], sources: Sources): fc.Arbitrary<Request> {
  // Made once: an arbitrary of a pattern costs more than what it makes.
  return fc.oneof(...operations.flatMap((operation) => [soundOf(operation, sources), wildOf(operation, sources)]));
}

type Text = fc.Arbitrary<string>;

function soundOf(operation: Operation, { known, admin }: Sources): fc.Arbitrary<Request> {
  const pairs = (place: string) =>
    fc.record(
      parametersOf(operation, place, (name, schema) => soundText(operation, name, schema, known)),
      { requiredKeys: [] },
    );
  const path = fc.record(parametersOf(operation, 'path', (name, schema) => soundText(operation, name, schema, known)));
  return fc.record({
    method: fc.constant(operation.method),
    path: fc.constant(operation.path),
    target: fc
      .tuple(path, pairs('query'))
      .map(([values, query]) => targetOf(operation.path, values, Object.entries(query) as [string, string][])),
    token: fc.constant(admin),
    headers: pairs('header') as fc.Arbitrary<Record<string, string>>,
    body: operation.body === null ? fc.constant(undefined) : jsonOf(oneOf(operation.body)),
  });
}

function wildOf(operation: Operation, { known, tokens, admin }: Sources): fc.Arbitrary<Request> {
  const sound = (name: string, schema: Schema) => soundText(operation, name, schema, known);
  const wild = (name: string, schema: Schema): Text =>
    fc.oneof({ weight: 2, arbitrary: sound(name, schema) }, sound(name, schema).chain(tampered), oneOf(schema).map(String), junk);
  const inQuery = Object.entries(parametersOf(operation, 'query', wild)).map(([name, value]) => fc.tuple(fc.constant(name), value));
  const headers = {
    ...parametersOf(operation, 'header', (name, schema) => wild(name, schema).map(asHeader)),
    accept: fc.oneof(fc.constantFrom('text/event-stream', 'application/json', '*/*', 'text/html'), junk.map(asHeader)),
    cookie: junk.map(asHeader),
    'content-type': fc.oneof(
      fc.constantFrom('text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=x'),
      junk.map(asHeader),
    ),
  };
  return fc.record({
    method: fc.constant(operation.method),
    path: fc.constant(operation.path),
    target: fc
      .tuple(fc.record(parametersOf(operation, 'path', wild)), fc.array(fc.oneof(...inQuery, fc.tuple(junk, junk)), { maxLength: 3 }))
      .map(([values, query]) => targetOf(operation.path, values, query)),
    token: fc.oneof(fc.constant(admin), fc.constantFrom(...tokens)),
    headers: fc.oneof(fc.constant({}), fc.record(headers, { requiredKeys: [] })) as fc.Arbitrary<Record<string, string>>,
    body: wildBody(operation.body),
  });
}

function parametersOf(operation: Operation, place: string, of: (name: string, schema: Schema) => Text): Record<string, Text> {
  return Object.fromEntries(
    operation.parameters.flatMap(({ name, in: where, schema }) => (where === place ? [[name, of(name, schema)]] : [])),
  );
}

/** Of what is there, where it is known; else whatever the schema takes. */
function soundText({ path }: Operation, name: string, schema: Schema, known: Known): Text {
  const values = knownFor(path, name, known);
  return values.length === 0 ? oneOf(schema).map(String) : fc.constantFrom(...values);
}

function wildBody(schema: Schema | null): fc.Arbitrary<string | undefined> {
  const none = fc.constant(undefined);
  if (schema === null) return fc.oneof(none, jsonOf(fc.jsonValue()));
  const huge = fc.constantFrom('['.repeat(5_000), `{"x":"${'x'.repeat(300_000)}"}`, '{"a":1,"a":2}', '{"__proto__":{"x":1}}');
  return fc.oneof(
    { weight: 3, arbitrary: jsonOf(nearlyOf(schema)) },
    none,
    junk,
    jsonOf(oneOf(schema)).map((text) => text.slice(0, -1)),
    huge,
  );
}

function jsonOf(value: fc.Arbitrary<unknown>): Text {
  return value.map((one) => JSON.stringify(one));
}

/** Cursors and ids that somebody has had a hand in: a character changed, taken out or put in. */
function tampered(text: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(Math.max(0, text.length - 1)), fc.string({ unit: 'binary', maxLength: 2 }), fc.nat(1))
    .map(([at, put, take]) => `${text.slice(0, at)}${put}${text.slice(at + take)}`);
}

function knownFor(path: string, name: string, known: Known): readonly string[] {
  if (name !== 'id' && name !== 'name') return known[name] ?? [];
  // `/runs/{id}/artifacts/{name}` has one of each
  const of = new RegExp(`([a-z]+)/\\{${name}\\}`).exec(path)?.[1] ?? '';
  return known[of] ?? [];
}

function targetOf(path: string, values: Readonly<Record<string, string>>, pairs: readonly (readonly [string, string])[]): string {
  const full = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encoded(values[name] ?? ''));
  return pairs.length === 0 ? full : `${full}?${pairs.map(([key, value]) => `${encoded(key)}=${encoded(value)}`).join('&')}`;
}

/** Half of a pair of UTF-16 cannot be written in a path. */
function encoded(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '\ufffd'));
}

/** Node sends nothing else. */
function asHeader(text: string): string {
  return text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '');
}
