import type { Input } from './input.ts';
import type { Template } from './step.ts';

/** `{user}`, `{kept.old.lease}`. Braces around anything else are text. */
const placeholder = /\{([A-Za-z]\w*(?:\.\w+)*)\}/g;

/** What may stand in an address: names, which are no secrets. */
const names = ['step', 'run', 'plan', 'credential', 'name', 'user', 'newUser'];
const secrets = ['old', 'new'];

/** What is wrong with the placeholders of a text; null when nothing is. */
export function badPlaceholder(text: string, where: 'address' | 'content'): string | null {
  for (const [, path = ''] of text.matchAll(placeholder)) {
    if (names.includes(path)) continue;
    const secret = secrets.includes(path) || /^kept\.(?:old|new)\.\w+$/.test(path);
    if (secret && where === 'content') continue;
    if (secret) return `has {${path}} in it: secrets may stand in headers and the body only`;
    return `has {${path}} in it, which is none of {${[...names, ...secrets].join('}, {')}}, {kept.old.…}, {kept.new.…}`;
  }
  return null;
}

export function placeholdersIn(template: Template): string[] {
  if (typeof template === 'string') return [template];
  return typeof template === 'object' && template !== null ? Object.values(template).flatMap(placeholdersIn) : [];
}

/** Thrown where a value is not known: names the placeholder. */
export class UnknownValue extends Error {
  readonly placeholder: string;
  constructor(path: string) {
    super(`{${path}} is not known`);
    this.placeholder = path;
  }
}

/** A text with its values; `encode` is applied to each. Throws `UnknownValue`. */
export function fillText(text: string, input: Input, encode: (value: string) => string = (value) => value): string {
  return text.replaceAll(placeholder, (_, path: string) => {
    const value = knownAt(path, input);
    if (value === null) throw new UnknownValue(path);
    return encode(value);
  });
}

/** JSON with its values. Where a text is one placeholder and nothing else, what is not known becomes null. */
export function fill(template: Template, input: Input): Template {
  if (typeof template === 'string') {
    const [whole, path = ''] = new RegExp(`^${placeholder.source}$`).exec(template) ?? [];
    return whole === undefined ? fillText(template, input) : knownAt(path, input);
  }
  if (typeof template !== 'object' || template === null) return template;
  if (Array.isArray(template)) return template.map((item: Template) => fill(item, input));
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, fill(value as Template, input)]));
}

function knownAt(path: string, input: Input): string | null {
  const value = path
    .split('.')
    .reduce<unknown>(
      (map, key) => (typeof map === 'object' && map !== null && Object.hasOwn(map, key) ? (map as Record<string, unknown>)[key] : null),
      input,
    );
  return typeof value === 'string' ? value : null;
}
