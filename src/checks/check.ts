import type { CheckSpec } from '../domain/drill.ts';
import type { Check, CheckScope } from './contract.ts';
import { execCheck } from './exec.ts';
import { healthCheck } from './health.ts';
import { httpCheck } from './http.ts';
import { tcpCheck } from './tcp.ts';

export type { Check, CheckResult, CheckScope } from './contract.ts';

/** Nothing is asked and nothing is made yet. A kind of check that is added to the domain has its case here and a file beside. */
export function openCheck(spec: CheckSpec, scope: CheckScope): Check {
  switch (spec.type) {
    case 'http':
      return httpCheck(spec, scope);
    case 'tcp':
      return tcpCheck(spec, scope);
    case 'exec':
      return execCheck(spec, scope);
    case 'health':
      return healthCheck(spec, scope);
    default:
      return spec satisfies never;
  }
}
