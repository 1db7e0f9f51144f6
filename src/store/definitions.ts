import { createHash } from 'node:crypto';
import type { Db } from './db.ts';

export interface Definitions {
  /** Keeps a drill's text; gives its name, `sha256:…`. */
  save(text: string): string;
  /** The text that was run; null when it is not kept. */
  text(definition: string): string | null;
}

export function createDefinitions(db: Db): Definitions {
  return {
    save(text) {
      const definition = `sha256:${createHash('sha256').update(text).digest('hex')}`;
      saveDefinition(db, definition, text);
      return definition;
    },
    text: (definition) => db.get<{ text: string | null }>('SELECT text FROM definitions WHERE sha256 = ?', definition)?.text ?? null,
  };
}

/** The row's short number. A text that comes later than its name is filled in. */
export function saveDefinition(db: Db, definition: string, text: string | null): number {
  db.run(
    'INSERT INTO definitions (sha256, text) VALUES (?, ?) ON CONFLICT (sha256) DO UPDATE SET text = excluded.text WHERE text IS NULL',
    definition,
    text,
  );
  return db.get<{ n: number }>('SELECT n FROM definitions WHERE sha256 = ?', definition)?.n ?? 0;
}
