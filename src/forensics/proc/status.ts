export interface ProcessStatus {
  readonly comm: string;
  /** The letter of proc(5). */
  readonly state: string;
  /** In the namespace of the /proc that is read; 0 when it is outside. */
  readonly ppid: number;
  /** From the namespace of that /proc to the process's own. */
  readonly nsPids: readonly number[];
  readonly uid: number;
  readonly gid: number;
  readonly threads: number;
  readonly capEff: string;
  readonly noNewPrivs: boolean | null;
  readonly seccomp: number | null;
}

/** `/proc/PID/status` (proc_pid_status(5)). The kernel escapes line ends in the name, so no name can forge a line. */
export function parseStatus(text: string): ProcessStatus {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const numbers = (name: string) => (fields.get(name) ?? '').split(/\s+/).filter(Boolean).map(Number);
  const one = (name: string) => numbers(name)[0];
  const pid = one('Pid') ?? 0;
  const nsPids = numbers('NSpid');
  const noNewPrivs = one('NoNewPrivs');
  return {
    comm: unescaped(fields.get('Name') ?? ''),
    state: (fields.get('State') ?? '?').slice(0, 1),
    ppid: one('PPid') ?? 0,
    nsPids: nsPids.length > 0 ? nsPids : [pid],
    // the effective ones
    uid: numbers('Uid')[1] ?? 0,
    gid: numbers('Gid')[1] ?? 0,
    threads: one('Threads') ?? 0,
    capEff: fields.get('CapEff') ?? '',
    noNewPrivs: noNewPrivs === undefined ? null : noNewPrivs === 1,
    seccomp: one('Seccomp') ?? null,
  };
}

function unescaped(name: string): string {
  return name.replace(/\\(n|\\|[0-7]{3})/g, (_, what: string) =>
    what === 'n' ? '\n' : what === '\\' ? '\\' : String.fromCharCode(Number.parseInt(what, 8)),
  );
}

/** Clock ticks from boot to its start, field 22 of `/proc/PID/stat`. The name in it may hold blanks and brackets. */
export function parseStartTicks(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 0);
}
