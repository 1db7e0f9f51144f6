import { Text } from '../parts/text.tsx';

export interface ErrorPageProps {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

export function ErrorPage({ status, code, message, hint }: ErrorPageProps) {
  return (
    <article class="error" data-live="off">
      <h1>
        <span class="num">{status}</span> {code.replaceAll('_', ' ')}
      </h1>
      <p>
        <Text of={message} />
      </p>
      {hint !== null && (
        <p class="quiet">
          Try: <Text of={hint} />
        </p>
      )}
      <p>
        <a href="/">To the wall</a>
      </p>
    </article>
  );
}
