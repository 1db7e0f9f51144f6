/**
 * The folders that an image is to have, besides those of its packages.
 * @param {import('./ensure.mjs').ImageSpec} spec
 */
export function ownedFolders(spec) {
  return (spec.folders ?? []).map((folder) => {
    const [path, owner, mode] = folder.split(':');
    return { path, owner, mode };
  });
}
