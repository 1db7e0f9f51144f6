import type { Tone } from './state.tsx';

/** A grade of the scorecard, such as `B` or `A*`. */
export function Grade({ grade, large = false }: { readonly grade: string; readonly large?: boolean }) {
  return (
    <span class={`grade ${toneOfGrade(grade)}${large ? ' large' : ''}`} title={grade.endsWith('*') ? 'with a waiver' : undefined}>
      {grade}
    </span>
  );
}

function toneOfGrade(grade: string): Tone {
  if (grade.startsWith('A+')) return 'best';
  if (/^[AB]/.test(grade)) return 'good';
  return /^[CD]/.test(grade) ? 'unsure' : 'bad';
}
