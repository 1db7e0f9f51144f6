import { z } from 'zod';
import type { EndpointSettings } from '../../domain/engine/networks.ts';
import type { Json } from '../../domain/journal.ts';
import type { Store } from '../../store/store.ts';

const port = z.object({ HostIp: z.string(), HostPort: z.string() });

const networking = z.object({
  /** As the engine showed them, by network. */
  networks: z.record(
    z.string(),
    z.custom<EndpointSettings>((value) => typeof value === 'object' && value !== null),
  ),
  ports: z.record(z.string(), z.array(port).nullable()),
  /** Names of the interfaces, by network, where they could be seen. They may be others once the networks are put back. */
  interfaces: z.record(z.string(), z.string()),
});
/** How a container was connected. */
export type Networking = z.infer<typeof networking>;

const kept = z.object({
  /** Null: it is connected as it was. */
  networking: networking.nullable(),
  /** Its restart policy, when we set it to `no`. */
  policy: z.object({ Name: z.string(), MaximumRetryCount: z.number().optional() }).nullable(),
  /** Id of what took its name and place. */
  replacement: z.string().nullable(),
  /** UTC ms before which what the lease says is not tried again. */
  retryAfter: z.number().nullable().default(null),
});
/** What letting go of a held container needs. */
export type Kept = z.infer<typeof kept>;

const nothing: Kept = { networking: null, policy: null, replacement: null, retryAfter: null };

export function keptOf(store: Pick<Store, 'holds'>, evidenceId: string): Kept {
  const found = store.holds.kept(evidenceId);
  return found === null ? nothing : kept.parse(found);
}

export function keep(store: Pick<Store, 'holds'>, evidenceId: string, change: Partial<Kept>): Kept {
  const next = { ...keptOf(store, evidenceId), ...change };
  store.holds.keep(evidenceId, asJson(next));
  return next;
}

export const networkingShape = networking;
export const policyShape = kept.shape.policy;

export function asJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
