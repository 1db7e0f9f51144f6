import { broken, holds, inconclusive, notApplicable, type Probe } from '../probe.ts';

interface Signature {
  readonly Name?: string;
  readonly Error?: string;
}

/** `Identity` of an image, which the engine verifies itself, from API 1.53 on and with containerd's image store. */
interface Identity {
  readonly Signature?: readonly Signature[] | null;
}

export const provenance: Probe = {
  id: 'IMG-09',
  group: 'image',
  title: 'Its signature was verified',
  attempt: 'Reads the signatures that the engine itself has verified for the image. Registries are not asked, so nothing leaves the host.',
  severity: 'medium',
  safety: 'read-only',
  reading: 'A verified signature holds; one that the engine could not verify is broken; an engine that keeps none is not applicable.',
  control: 'The engine tells of an identity of the image.',
  judge: ({ image }) => {
    const identity = (image as { readonly Identity?: Identity | null }).Identity;
    const signatures = identity?.Signature ?? [];
    const good = signatures.filter(({ Error: wrong }) => wrong === undefined || wrong === '');
    if (good.length > 0) return holds(`the engine has verified ${good.length === 1 ? 'a signature' : `${good.length} signatures`} of it`);
    if (signatures.length > 0) return broken('it has a signature, which the engine could not verify');
    if (identity !== undefined && identity !== null)
      return inconclusive('the engine knows where it comes from, and has no signature of it');
    const from =
      (image.RepoDigests ?? []).length > 0
        ? 'its registry may have one, and is not asked'
        : 'it was made here, or loaded, and never came from a registry';
    return notApplicable(`the engine keeps no signatures of images; ${from}`);
  },
  weakness: { none: 'the engine verifies signatures of what it pulls; none can be planted without a registry' },
};
