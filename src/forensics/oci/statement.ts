import { InvalidError } from '../../domain/errors.ts';
import { emptyConfig } from './checkpoint-image.ts';
import { addBytes, addManifest, type Layout } from './layout.ts';
import { type Descriptor, type Manifest, mediaTypes, plain, sorted } from './media.ts';

/** https://github.com/secure-systems-lab/dsse/blob/master/envelope.md */
export interface DsseEnvelope {
  readonly payloadType: string;
  /** Base64. */
  readonly payload: string;
  readonly signatures: readonly { readonly keyid?: string; readonly sig: string }[];
}

/**
 * Attaches the signed statement to an image of the layout, as an OCI referrer of it. It goes as a sigstore bundle, with the envelope in it
 * as it is, and not as bare in-toto JSON: cosign, ORAS and policy controllers look for the bundle's artifact type, and it says by which key
 * it was signed; the media type of bare in-toto JSON is that of BuildKit's unsigned statements.
 * `signedAt` is UTC, RFC 3339. The referrer's descriptor.
 */
export async function attachStatement(
  layout: Layout,
  subject: Descriptor,
  envelope: DsseEnvelope,
  { signedAt }: { readonly signedAt: string },
): Promise<Descriptor> {
  const predicateType = predicateTypeOf(envelope);
  const annotations = {
    'dev.sigstore.bundle.content': 'dsse-envelope',
    'dev.sigstore.bundle.predicateType': predicateType,
    'org.opencontainers.image.created': signedAt,
  };
  const bundle = await addBytes(layout, Buffer.from(JSON.stringify(bundleOf(envelope))));
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: mediaTypes.bundle,
    config: await emptyConfig(layout),
    layers: [{ mediaType: mediaTypes.bundle, ...bundle, annotations: { 'org.opencontainers.image.title': 'statement.sigstore.json' } }],
    subject: plain(subject),
    ...sorted(annotations),
  };
  return addManifest(layout, manifest, { mediaType: mediaTypes.manifest, artifactType: mediaTypes.bundle, annotations });
}

/** https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto, as JSON; signed by a key and in no public log. */
function bundleOf({ payload, payloadType, signatures }: DsseEnvelope): object {
  const hint = signatures[0]?.keyid ?? '';
  return {
    mediaType: mediaTypes.bundle,
    verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
    dsseEnvelope: { payload, payloadType, signatures },
  };
}

function predicateTypeOf({ payload }: DsseEnvelope): string {
  try {
    const { predicateType } = JSON.parse(Buffer.from(payload, 'base64').toString()) as { predicateType?: unknown };
    if (typeof predicateType === 'string') return predicateType;
  } catch {
    // said below
  }
  throw new InvalidError('bad_statement', 'the payload of the envelope is no in-toto statement with a predicateType');
}
