import type { CheckSpec } from '../domain/drill.ts';
import type { Check, CheckScope } from './contract.ts';
import { overNetwork } from './over-network.ts';

/** A connection is accepted, and kept for a moment. */
export function tcpCheck(spec: Extract<CheckSpec, { type: 'tcp' }>, scope: CheckScope): Check {
  return overNetwork(spec, { type: 'tcp', address: spec.address }, scope);
}
