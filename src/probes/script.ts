import type { Step, StepResult } from './probe.ts';

/** Where every dummy has its busybox. */
export const toolsPath = '/.probe';
export const busybox = `${toolsPath}/busybox`;

export interface ScriptStep extends Step {
  /** Unique in the script: `PRV-04/unshare`. */
  readonly key: string;
}

export interface ScriptOptions {
  /** Shell, before the steps. */
  readonly setUp?: string | undefined;
  /** In argv and environment of whatever the steps run. */
  readonly mark?: string | null;
  /** How long it stays when all have answered. (Default: 0.) */
  readonly staySeconds?: number;
}

const usualSeconds = 3;
export const usualBytes = 2048;
/** A line of a step that runs beside others must be written in one piece: POSIX promises that up to 4096 bytes. */
const asideBytes = 2048;

/**
 * One shell script for all the steps: each answers one line on standard output, `NONCE KEY EXITCODE BASE64`. A step that fails, hangs or floods
 * spoils none of the others. `nonce` keeps what a step itself prints from being taken for an answer.
 */
export function scriptOf(
  steps: readonly ScriptStep[],
  nonce: string,
  { setUp = '', mark = null, staySeconds = 0 }: ScriptOptions = {},
): string {
  let marked = mark === null;
  const calls = steps.flatMap((one) => {
    const { key, run, seconds = usualSeconds, aside = false } = one;
    const begins = !marked && !key.startsWith('seen/');
    marked ||= begins;
    const call = `step ${quoted(key)} ${seconds} ${keptOf(one) + 1} ${quoted(run)}${aside ? ' &' : ''}`;
    // only the attempt carries it: the script itself, in the arguments of the first process, has it in two pieces
    return begins && mark !== null ? [`PITWALL_MARK=${inPieces(mark)}; export PITWALL_MARK`, call] : [call];
  });
  return [
    `B=${busybox}; export B; set -o pipefail`,
    'step() {',
    // in a session of its own, all of which is ended: what it started would hold the pipe, and with it the script, beyond its time
    `  o=$({ "$B" setsid "$B" timeout -s KILL "$2" "$B" sh -c "$4" "\${PITWALL_MARK:-probe}" 2>&1 </dev/null & p=$!; wait $p; r=$?; "$B" kill -KILL -$p 2>/dev/null; exit $r; } | { "$B" head -c "$3" | "$B" base64 -w 0; "$B" cat >/dev/null; })`,
    `  r=$?; printf '%s\\n' "${nonce} $1 $r $o"`,
    '}',
    setUp,
    ...calls,
    'wait',
    `printf '%s\\n' "${nonce} end 0 "`,
    ...(staySeconds > 0 ? [`"$B" sleep ${staySeconds}`] : []),
  ].join('\n');
}

/** What runs it as the first process: a shell that is there until the script, which has a time of its own, has ended. */
export function commandFor(script: string, seconds: number): string[] {
  return [busybox, 'sh', '-c', `${busybox} timeout -s KILL ${seconds} ${busybox} sh -c "$0"`, script];
}

export interface ScriptAnswers {
  readonly results: ReadonlyMap<string, StepResult>;
  /** It came to its end. */
  readonly complete: boolean;
}

export function readAnswers(lines: readonly string[], steps: readonly ScriptStep[], nonce: string): ScriptAnswers {
  const known = new Map(steps.map((step) => [step.key, step]));
  const results = new Map<string, StepResult>();
  let complete = false;
  for (const line of lines) {
    const [mark, key = '', code = '', output = ''] = line.split(' ');
    if (mark !== nonce) continue;
    if (key === 'end') complete = true;
    const step = known.get(key);
    if (step === undefined) continue;
    const bytes = Buffer.from(output, 'base64');
    const kept = keptOf(step);
    const result = { command: step.run, exitCode: Number(code), output: bytes.subarray(0, kept).toString() };
    results.set(key, bytes.length > kept ? { ...result, cut: true } : result);
  }
  return { results, complete };
}

/** One byte more is asked for, which shows that it was cut. */
function keptOf({ aside = false, bytes = usualBytes }: Step): number {
  return aside ? Math.min(bytes, asideBytes) : bytes;
}

/** For a sentence: applets by their names alone. Where the busybox is itself an argument it stays. */
export function shown(run: string): string {
  return run.replaceAll(/"?\$B"? (?=[a-z])/g, '');
}

function inPieces(mark: string): string {
  const half = Math.ceil(mark.length / 2);
  return quoted(mark.slice(0, half)) + quoted(mark.slice(half));
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
