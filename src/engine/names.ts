/** More containers than one engine carries; forgetting them all costs a short id in a message. */
const most = 5_000;

/** Names by container id, as they are seen, so that messages can say `web` without asking for it. */
export interface Names {
  learn(id: string, name: string): void;
  /** The name; else the id as Docker shortens it. */
  of(id: string): string;
}

export function nameBook(): Names {
  const names = new Map<string, string>();
  return {
    learn(id, name) {
      if (names.size >= most) names.clear();
      names.set(id, name.replace(/^\//, ''));
    },
    of: (id) => names.get(id) ?? shortId(id),
  };
}

export function shortId(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id;
}
