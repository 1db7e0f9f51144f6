import type { Probe } from '../probe.ts';
import { gateway } from './network-gateway.ts';
import { listeners } from './network-listeners.ts';
import { outside } from './network-outside.ts';
import { published } from './network-published.ts';
import { sockets } from './network-sockets.ts';

/** NET-04, NET-06 and NET-15 ask between containers: the drill kind `segmentation` practises them. */
export const network: readonly Probe[] = [...outside, ...gateway, ...published, ...sockets, ...listeners].toSorted((a, b) =>
  a.id < b.id ? -1 : 1,
);
