export interface Reference {
  readonly name: string;
  readonly tag: string | null;
  /** `sha256:…` */
  readonly digest: string | null;
}

/** What a container's image goes by; null when it goes by its own id. */
export function parseReference(text: string, imageId: string): Reference | null {
  const bare = text.replace(/^sha256:/, '');
  if (/^[0-9a-f]{12,64}$/.test(bare) && imageId.replace(/^sha256:/, '').startsWith(bare)) return null;
  const [named = '', digest] = text.split('@');
  // what follows a colon before the last slash is a port
  const [, name = named, tag] = /^(.*?)(?::([\w][\w.-]*))?$/.exec(named) ?? [];
  return { name, tag: tag ?? null, digest: digest ?? null };
}
