import type { Verdict as RunVerdict } from '../../domain/words.ts';
import { State } from './state.tsx';

/** Of a run: its verdict, or that it goes on. */
export function Verdict({ of, brief = false }: { readonly of: RunVerdict | null; readonly brief?: boolean }) {
  return <State is={of ?? 'running'} brief={brief} />;
}
