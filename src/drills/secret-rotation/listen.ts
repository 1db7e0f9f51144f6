import type { RunContext } from '../../domain/kind.ts';
import type { Finding } from '../../domain/words.ts';
import type { Params } from './params.ts';

/** The context, and every word that this drill lets the run write through it: where the old one must not be found either. */
export function listenTo(context: RunContext<Params>): { readonly context: RunContext<Params>; readonly told: readonly string[] } {
  const told: string[] = [];
  return {
    told,
    context: {
      ...context,
      event(type, target, message, data) {
        told.push(`${type} ${message} ${JSON.stringify(data ?? {})}`);
        context.event(type, target, message, data);
      },
    },
  };
}

export function linesOf(findings: readonly Omit<Finding, 'waivedUntil'>[]): string[] {
  return findings.map(({ title, target, evidence }) => `${target ?? ''} ${title} ${evidence}`);
}
