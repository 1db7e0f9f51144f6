/** In the order of `struct user_regs_struct` of x86_64. */
export const registerNames = [
  'r15',
  'r14',
  'r13',
  'r12',
  'bp',
  'bx',
  'r11',
  'r10',
  'r9',
  'r8',
  'ax',
  'cx',
  'dx',
  'si',
  'di',
  'orig_ax',
  'ip',
  'cs',
  'flags',
  'sp',
  'ss',
  'fs_base',
  'gs_base',
  'ds',
  'es',
  'fs',
  'gs',
] as const;

export type Registers = Readonly<Record<(typeof registerNames)[number], bigint>>;

/**
 * The registers of a thread that stands still, from `/proc/PID/task/TID/syscall` (proc(5)): `NR ARG×6 SP PC` in a system call, `-1 SP PC`
 * outside of one. The others cannot be known without ptrace, which hangs on a frozen process: they are 0, and a debugger goes up the stack
 * by the unwind tables.
 *
 * @returns null when the thread was running, or the kernel does not say
 */
export function parseRegisters(syscall: string): Registers | null {
  const words = syscall.trim().split(' ');
  const value = (index: number) => BigInt(words[index] ?? 0);
  const common = { ...noRegisters, cs: 0x33n, ss: 0x2bn, flags: 0x246n };
  if (words[0] === '-1' && words.length === 3) return { ...common, sp: value(1), ip: value(2), orig_ax: 2n ** 64n - 1n };
  if (words.length !== 9) return null;
  return {
    ...common,
    orig_ax: value(0),
    di: value(1),
    si: value(2),
    dx: value(3),
    r10: value(4),
    r8: value(5),
    r9: value(6),
    sp: value(7),
    ip: value(8),
    // As the system call instruction leaves them.
    cx: value(8),
    r11: 0x246n,
    // -ENOSYS, until the call has its result.
    ax: 2n ** 64n - 38n,
  };
}

export const noRegisters = Object.fromEntries(registerNames.map((name) => [name, 0n])) as Registers;
