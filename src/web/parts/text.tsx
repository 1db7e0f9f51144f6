import { piecesOf } from '../../domain/inert.ts';

export interface TextProps {
  /** As it came, from whomever. */
  readonly of: string;
  /** Keeps newlines and tabs: for blocks of text. */
  readonly lines?: boolean;
}

/** Text that is not ours: hidden characters become visible signs, and its direction of writing ends with it. */
export function Text({ of, lines = false }: TextProps) {
  const pieces = piecesOf(of, lines);
  if (pieces.every(({ code }) => code === null)) return <bdi>{of}</bdi>;
  return (
    <bdi>
      {pieces.map(({ text, code }) =>
        code === null ? (
          text
        ) : (
          <span class="hidden-char" title={code}>
            {text}
          </span>
        ),
      )}
    </bdi>
  );
}
