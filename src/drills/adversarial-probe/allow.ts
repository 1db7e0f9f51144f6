import { z } from 'zod';
import { text } from '../../config/fields.ts';
import type { Allowed } from '../../probes/probe.ts';

export interface Allow {
  readonly capabilities?: readonly string[] | undefined;
  readonly publishedPorts?: readonly number[] | undefined;
  readonly listeners?: readonly number[] | undefined;
  readonly mounts?: readonly string[] | undefined;
  readonly user?: string | readonly string[] | undefined;
}

export function allowSchema(): z.ZodType<Allow> {
  const ports = () => z.array(z.int().min(1).max(65_535));
  return z.strictObject({
    capabilities: z
      .array(text().regex(/^(CAP_)?[A-Z_]+$/, { error: 'is not the name of a capability (try NET_BIND_SERVICE)' }))
      .optional()
      .describe('Capabilities; default: those that Docker gives by default. Given ones take their place.'),
    publishedPorts: ports().optional().describe('Ports of the host that it may be published on.'),
    listeners: ports().optional().describe('Ports that it may listen on beside those that its image exposes or that are published.'),
    mounts: z.array(text()).optional().describe('Paths in the container, names of volumes or paths of the host that it may mount.'),
    user: z
      .union([text(), z.array(text()).min(1)])
      .optional()
      .describe('`any`, or the users that it may run as; default: all but root.'),
  });
}

export function allowed(allow: Allow | undefined): Allowed {
  const { capabilities, publishedPorts = [], listeners = [], mounts = [], user } = allow ?? {};
  const users = typeof user === 'string' ? [user] : user;
  return {
    capabilities: capabilities ?? null,
    publishedPorts,
    listeners,
    mounts,
    user: users === undefined ? null : users.includes('any') ? 'any' : users,
  };
}
