export interface LoginPageProps {
  /** Where to go afterwards: a path of ours. */
  readonly next: string;
  readonly problem: string | null;
}

export function LoginPage({ next, problem }: LoginPageProps) {
  return (
    <article class="login" data-live="off">
      <h1>Log in</h1>
      {problem !== null && (
        <p class="problem" role="alert" id="problem">
          {problem}
        </p>
      )}
      <form method="post" action="/login">
        <input type="hidden" name="next" value={next} />
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          required
          maxLength={512}
          autoComplete="current-password"
          aria-describedby={problem === null ? 'help' : 'problem help'}
        />
        <button type="submit">Log in</button>
      </form>
      <p class="quiet" id="help">
        An admin makes tokens with <code>pitwall token create NAME --role ROLE</code>. The first one is in the file <code>token</code> in
        the home of <code>pitwall serve</code>. A session lasts twelve hours at most, and ends with its token.
      </p>
    </article>
  );
}
