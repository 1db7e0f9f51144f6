import type { WeakDummy } from './weak-dummy.ts';

export const privilegeWeak: readonly WeakDummy[] = [
  {
    // root, no filter, nothing masked, and capabilities that no service needs: of those that a host can be expected to have itself
    name: 'open',
    how: 'run',
    config: { User: '0:0' },
    host: {
      CapAdd: ['SYS_ADMIN', 'SYS_PTRACE', 'NET_ADMIN', 'SYSLOG'],
      SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
      MaskedPaths: [],
      ReadonlyPaths: [],
    },
  },
];
