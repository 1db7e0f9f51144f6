/** Files in the folder of a case that are Pitwall's own and no evidence: the lock of the custody log, and space kept for a full disk. */
export const lockName = '.lock';
export const reserveName = '.reserve';

export const names = {
  readme: 'README.md',
  statement: 'statement.dsse.json',
  key: 'key.pub',
  custody: 'custody.jsonl',
  checkpoint: 'checkpoint.tar',
  manifest: 'files/manifest.json',
  index: 'oci/index.json',
} as const;

/** Whatever is written has a name that we chose; a container's own names stand inside files only. Throws on anything else. */
export function checkedPath(path: string): string {
  const ours = path.length <= 200 && /^(checkpoint|cores|files)(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/.test(path);
  if (!ours || path === names.manifest) throw new Error(`${JSON.stringify(path)} is not a path for evidence`);
  return path;
}

/** `ev_` and a ULID. Throws on anything else: it becomes the name of a folder. */
export function checkedId(id: string): string {
  if (!/^ev_[0-9A-HJKMNP-TV-Z]{26}$/.test(id)) throw new Error(`${JSON.stringify(id)} is not the id of a case`);
  return id;
}
