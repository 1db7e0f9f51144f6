import type { ContainerSummary } from '../../domain/engine/containers.ts';

/** One entry of `GET /containers/json`. */
export interface RawSummary {
  readonly Id: string;
  readonly Names: readonly string[] | null;
  readonly Image: string;
  readonly ImageID: string;
  readonly State: string;
  readonly Status: string;
  /** Seconds since the epoch. */
  readonly Created: number;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, unknown>> | null } | null;
}

export function toSummary(raw: RawSummary): ContainerSummary {
  return {
    id: raw.Id,
    name: ownName(raw),
    image: raw.Image,
    imageId: raw.ImageID,
    state: raw.State,
    status: raw.Status,
    createdAt: raw.Created * 1000,
    labels: raw.Labels ?? {},
    networks: Object.keys(raw.NetworkSettings?.Networks ?? {}),
  };
}

/** Legacy links add names like `/other/alias`; the container's own has one slash. */
function ownName(raw: RawSummary): string {
  const names = raw.Names ?? [];
  return (names.find((name) => name.lastIndexOf('/') === 0) ?? names[0] ?? raw.Id.slice(0, 12)).replace(/^\//, '');
}
