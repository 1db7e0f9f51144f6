import type { CheckSpec } from '../domain/drill.ts';
import type { Check, CheckScope } from './contract.ts';
import { overNetwork } from './over-network.ts';

/** GET; the status must be the expected one. */
export function httpCheck(spec: Extract<CheckSpec, { type: 'http' }>, scope: CheckScope): Check {
  return overNetwork(spec, { type: 'http', url: spec.url, status: spec.status }, scope);
}
