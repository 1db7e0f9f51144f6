import type { Tone } from './state.tsx';

/** A share as a length, always beside the words that say it: whoever hears the page hears those. */
export function Bar({ share, tone }: { readonly share: number; readonly tone: Tone }) {
  const width = Math.max(0, Math.min(1, share)) * 100;
  return (
    <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="bar-track" x="0" y="0" width="100" height="8" />
      <rect class={`bar-fill ${tone}`} x="0" y="0" width={Number(width.toFixed(1))} height="8" />
    </svg>
  );
}
