import type { VNode } from 'preact';

/** Nothing where there is nothing to draw. */
export function Path({ class: className, d }: { readonly class: string; readonly d: string }): VNode | null {
  return d === '' ? null : <path class={className} d={d} />;
}
