/**
 * Every failure that Pitwall knows is one of these. Two families: what was asked is wrong (`InvalidError`, no run is made), and what
 * was tried failed (`FailedError`). A defect is any other error: exit 70.
 */

/** Exit codes of the command line (DESIGN, "Verdicts and exit codes"). */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  inconclusive: 3,
  refused: 4,
  residue: 5,
  engine: 6,
  database: 7,
  defect: 70,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface ErrorDetails {
  /** What the reader can do about it, printed after `try: `. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Names and values that say where: safe to print, never a secret. */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
}

export abstract class PitwallError extends Error {
  /** Stable, for scripts: `snake_case`. */
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: string, exitCode: ExitCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.exitCode = exitCode;
    this.hint = details.hint;
    this.context = details.context ?? {};
  }
}

/** What was asked is wrong: usage, configuration, a drill file, an empty selector. Nothing was done. */
export class InvalidError extends PitwallError {
  constructor(code: string, message: string, details?: ErrorDetails) {
    super(code, exitCodes.usage, message, details);
  }
}

/** A guard rail said no before the first action. */
export class RefusedError extends PitwallError {
  constructor(code: string, message: string, details?: ErrorDetails) {
    super(code, exitCodes.refused, message, details);
  }
}

/** What was tried failed, in a way that concerns the thing under drill: exit 1 unless said otherwise. */
export class FailedError extends PitwallError {
  constructor(code: string, message: string, details?: ErrorDetails & { readonly exitCode?: ExitCode }) {
    super(code, details?.exitCode ?? exitCodes.failed, message, details);
  }
}

/** It could not be found out: nothing matched, an effect was not seen, a control failed. */
export class InconclusiveError extends PitwallError {
  constructor(code: string, message: string, details?: ErrorDetails) {
    super(code, exitCodes.inconclusive, message, details);
  }
}

/** Codes an engine's answer is mapped to, once, in `src/engine`. */
export type EngineErrorCode =
  | 'engine_unreachable'
  | 'engine_timeout'
  | 'engine_identity'
  | 'engine_version'
  | 'not_found'
  | 'image_gone'
  | 'name_taken'
  | 'port_taken'
  | 'address_taken'
  | 'conflict'
  | 'no_space'
  | 'not_a_manager'
  | 'engine_refused'
  | 'engine_failed';

/** The engine did not answer, or answered no. Only the first two mean that the engine itself is lost. */
export class EngineError extends PitwallError {
  declare readonly code: EngineErrorCode;
  readonly status: number | undefined;
  constructor(code: EngineErrorCode, message: string, details: ErrorDetails & { readonly status?: number | undefined } = {}) {
    super(code, exitCodes.engine, message, details);
    this.status = details.status;
  }

  get lost(): boolean {
    return this.code === 'engine_unreachable' || this.code === 'engine_timeout';
  }
}

/** The database is newer than this program, corrupt, full, read-only or locked by another `serve`. */
export class DatabaseError extends PitwallError {
  constructor(
    code: 'database_newer' | 'database_corrupt' | 'database_full' | 'database_locked' | 'database_unwritable',
    message: string,
    details?: ErrorDetails,
  ) {
    super(code, exitCodes.database, message, details);
  }
}

/** The form of an error in `--json` output and in the API. */
export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null };
}

export function errorBody(error: unknown): ErrorBody {
  if (error instanceof PitwallError) return { error: { code: error.code, message: error.message, hint: error.hint ?? null } };
  const message = error instanceof Error ? error.message : String(error);
  return { error: { code: 'defect', message: `a defect of Pitwall: ${message}`, hint: 'report it with the output of the command' } };
}

export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof PitwallError ? error.exitCode : exitCodes.defect;
}
