import { type EngineVersion, negotiate } from './version.ts';

/** What is known of an engine between two losses of its connection. */
export interface Session extends EngineVersion {
  /** The negotiated API version. */
  readonly spoken: string;
  /** Settled once the pinned ID was compared. */
  identity?: Promise<void>;
}

/** From the answer to `GET /version`. */
export function sessionOf(engine: string, body: Buffer): Session {
  const said = parse(body);
  const theirs = { version: text(said, 'Version'), apiVersion: text(said, 'ApiVersion'), minApiVersion: text(said, 'MinAPIVersion') };
  return { ...theirs, spoken: negotiate(engine, theirs) };
}

/** From the answer to `GET /info`. */
export function identityOf(body: Buffer): string {
  return text(parse(body), 'ID');
}

/** Something else than an engine may listen there: it then says no version, which is told as such. */
function parse(body: Buffer): object {
  try {
    const said: unknown = JSON.parse(body.toString());
    return typeof said === 'object' && said !== null ? said : {};
  } catch {
    return {};
  }
}

function text(said: object, key: string): string {
  const value: unknown = Reflect.get(said, key);
  return typeof value === 'string' ? value : '';
}
