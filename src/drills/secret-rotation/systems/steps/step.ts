import type { SecretRef } from '../../../../config/fields.ts';

/** In the order in which they may come; each may come again after a failure. */
export const stepNames = ['check', 'prepare', 'issue', 'deploy', 'verify', 'revoke', 'refuse', 'endSessions', 'clear', 'undo'] as const;
export type StepName = (typeof stepNames)[number];

interface Common {
  readonly timeoutMs: number;
  /** Pitwall makes the value and hands it over. */
  readonly generate: boolean;
  readonly answer: AnswerPaths;
}

/** Where the parts of a credential are in what a step answers: keys, one inside the other. */
export interface AnswerPaths {
  readonly user: readonly string[];
  readonly secret: readonly string[];
  /** What later steps are given beside it, by name: a lease. */
  readonly keep: Readonly<Record<string, readonly string[]>>;
}

export interface ExecStep extends Common {
  readonly type: 'exec';
  readonly argv: readonly string[];
  readonly service: string;
  /** In every replica, not in the first alone. */
  readonly each: boolean;
}

/** A reference with what stands before its value, or a text with placeholders. */
export type HeaderValue = { readonly ref: SecretRef; readonly prefix: string } | string;

export type Template = null | boolean | number | string | readonly Template[] | { readonly [key: string]: Template };

export interface HttpStep extends Common {
  readonly type: 'http';
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers: Readonly<Record<string, HeaderValue>>;
  /** `input`: all that a program would get on standard input; null: none. */
  readonly body: { readonly template: Template } | 'input' | null;
  /** That mean success; null: 200 to 299. */
  readonly status: readonly number[] | null;
  /** Null: from where Pitwall runs. */
  readonly from: string | null;
}

export interface ScriptStep extends Common {
  readonly type: 'script';
  readonly argv: readonly string[];
}

export type Step = ExecStep | HttpStep | ScriptStep;

export type Steps = { readonly [name in StepName]: Step | null } & { readonly issue: Step };

/** `POST http://vault:8200/v1/… from api`, `rotate --now in db`; for people, without a value in it. */
export function describeStep(step: Step): string {
  if (step.type === 'http') return `${step.method} ${step.url}${step.from === null ? '' : ` from ${step.from}`}`;
  const command = step.argv.join(' ');
  const shown = command.length > 80 ? `${command.slice(0, 79)}…` : command;
  return step.type === 'exec' ? `${shown} in ${step.each ? 'each replica of ' : ''}${step.service}` : `${shown} on Pitwall's machine`;
}

/** Services that a step is run in, or asked from. */
export function servicesOf(step: Step): readonly string[] {
  if (step.type === 'exec') return [step.service];
  return step.type === 'http' && step.from !== null ? [step.from] : [];
}
