import type { ComponentChildren } from 'preact';
import type { Permission } from '../../access/roles.ts';
import type { Reader } from '../frame.ts';

export interface FormProps {
  readonly action: string;
  /** What the route asks for: who may not, sees no form. */
  readonly permission: Permission;
  readonly reader: Reader | null;
  readonly children: ComponentChildren;
  readonly id?: string;
  readonly class?: string;
}

/** A form that acts. Whoever may not act sees nothing of it; say elsewhere, by `Otherwise`, why. */
export function Form({ action, permission, reader, children, id, class: extra }: FormProps) {
  if (!mayAct(reader, permission)) return null;
  return (
    <form method="post" action={action} id={id} class={extra}>
      <input type="hidden" name="csrf" value={reader?.csrf ?? ''} />
      {children}
    </form>
  );
}

/** By a session: whoever reads by a token has no forms. */
export function mayAct(reader: Reader | null, permission: Permission): boolean {
  return reader !== null && reader.csrf !== null && reader.may(permission);
}

/** Says why there is no form, where somebody would look for one. */
export function Otherwise({ permission, reader, path }: { permission: Permission; reader: Reader | null; path: string }) {
  if (mayAct(reader, permission)) return null;
  if (reader?.csrf != null) return <p class="quiet">Your role, {reader.role}, does not allow this.</p>;
  return (
    <p class="quiet">
      <a href={`/login?next=${encodeURIComponent(path)}`}>Log in</a> to act.
    </p>
  );
}

/** An act that asks twice: the first press opens it, the second does it. */
export function Confirm({
  summary,
  id,
  children,
}: {
  readonly summary: string;
  readonly id: string;
  readonly children: ComponentChildren;
}) {
  return (
    <details class="confirm" id={id}>
      <summary>{summary}</summary>
      {children}
    </details>
  );
}
