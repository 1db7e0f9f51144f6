import { readFileSync } from 'node:fs';
import { arch, hostname, networkInterfaces, release } from 'node:os';
import type { HostRecord } from './case/manifest.ts';

/** The machine that this process handles evidence on. */
export function hostRecord(): HostRecord {
  const addresses = Object.entries(networkInterfaces()).flatMap(([name, list]) =>
    (list ?? []).filter(({ internal }) => !internal).map(({ address, mac }) => ({ interface: name, address, mac })),
  );
  return {
    name: hostname(),
    bootId: bootId(),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    kernel: release(),
    architecture: arch(),
    addresses,
  };
}

function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}
