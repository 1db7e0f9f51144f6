import { type Document, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { maxDepth } from './nesting.ts';

const maxNodes = 200_000;
const maxAliases = 100;

export interface PlainData {
  /** Undefined when there is a fault. */
  readonly data: unknown;
  readonly faults: readonly Fault[];
  /** Offset of the value at the path (or of its key), or of the nearest part of the path that exists. */
  offset(path: readonly PropertyKey[], of: 'value' | 'key'): number;
}

export interface Fault {
  readonly offset: number;
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

interface Spot {
  readonly key: number;
  readonly value: number;
  readonly children: Map<PropertyKey, Spot>;
}

class TooMuch extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/**
 * A YAML tree as plain data, and where each value stood. By hand rather than by the library's `toJS`, because that keeps the last of two
 * equal keys, takes maps as keys, and lets aliases multiply; here each is a fault with its place.
 */
export function toPlainData(doc: Document.Parsed): PlainData {
  const walk = new Walk(doc);
  const start = doc.contents?.range?.[0] ?? doc.range[0];
  const root: Spot = { key: start, value: start, children: new Map() };
  let data: unknown;
  try {
    data = walk.value(doc.contents, root, []);
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    walk.faults.push({ offset: error.offset, path: [], message: error.message });
  }
  return { data: walk.faults.length > 0 ? undefined : data, faults: walk.faults, offset: (path, of) => find(root, path, of) };
}

function find(root: Spot, path: readonly PropertyKey[], of: 'value' | 'key'): number {
  let spot = root;
  for (const [i, key] of path.entries()) {
    const child = spot.children.get(key);
    if (!child) return spot.value;
    if (of === 'key' && i === path.length - 1) return child.key;
    spot = child;
  }
  return spot.value;
}

class Walk {
  readonly faults: Fault[] = [];
  readonly #doc: Document.Parsed;
  #nodes = 0;
  #aliases = 0;

  constructor(doc: Document.Parsed) {
    this.#doc = doc;
  }

  value(node: unknown, spot: Spot, path: readonly PropertyKey[]): unknown {
    if (++this.#nodes > maxNodes) throw new TooMuch(spot.value, `the document has more than ${maxNodes} values, aliases counted`);
    if (path.length > maxDepth) throw new TooMuch(spot.value, `the document is nested deeper than ${maxDepth}`);
    if (isAlias(node)) {
      if (++this.#aliases > maxAliases) throw new TooMuch(spot.value, `the document has more than ${maxAliases} aliases`);
      const meant = node.resolve(this.#doc);
      if (!meant) return this.#fault(spot.value, path, 'is an alias of something that is not there');
      return this.value(meant, spot, path);
    }
    if (isMap(node)) return this.#map(node.items, spot, path);
    if (isSeq(node)) return node.items.map((item, i) => this.value(item, child(spot, i, start(item) ?? spot.value), [...path, i]));
    if (isScalar(node)) return typeof node.value === 'bigint' ? Number(node.value) : node.value;
    return null;
  }

  #map(items: readonly { readonly key: unknown; readonly value: unknown }[], spot: Spot, path: readonly PropertyKey[]): unknown {
    const entries = new Map<string, unknown>();
    for (const { key, value } of items) {
      const at = start(key) ?? spot.value;
      const name = isScalar(key) && (typeof key.value === 'string' || typeof key.value === 'number') ? String(key.value) : null;
      if (name === null) this.#fault(at, path, 'a key must be a text');
      else if (name === '__proto__') this.#fault(at, [...path, name], 'is not a key that may be used');
      else if (entries.has(name)) this.#fault(at, [...path, name], 'is written twice in one map');
      else entries.set(name, this.value(value, child(spot, name, start(value) ?? at, at), [...path, name]));
    }
    return Object.fromEntries(entries);
  }

  #fault(offset: number, path: readonly PropertyKey[], message: string): undefined {
    this.faults.push({ offset, path, message });
  }
}

function child(parent: Spot, name: PropertyKey, value: number, key = value): Spot {
  const spot = { key, value, children: new Map<PropertyKey, Spot>() };
  parent.children.set(name, spot);
  return spot;
}

function start(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}
