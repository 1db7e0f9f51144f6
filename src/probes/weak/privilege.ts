import type { WeakDummy } from './weak-dummy.ts';

const unconfined = ['seccomp=unconfined', 'apparmor=unconfined'];

export const privilegeWeak: readonly WeakDummy[] = [
  {
    // root, no filter, nothing masked, and capabilities that no service needs: of those that a host can be expected to have itself
    name: 'open',
    how: 'run',
    config: { User: '0:0' },
    host: {
      CapAdd: ['SYS_ADMIN', 'SYS_PTRACE', 'NET_ADMIN', 'SYSLOG'],
      SecurityOpt: unconfined,
      // a host that remaps its users would lend it a map of its own
      UsernsMode: 'host',
      MaskedPaths: [],
      ReadonlyPaths: [],
    },
    // null's numbers: what is planted opens nothing
    setUp: ': > /planted-setuid; $B chmod 4755 /planted-setuid; $B mknod /dev/planted c 1 3',
    files: [
      { path: 'etc/shadow', content: 'root::19000:0:99999:7:::\n', mode: 0o600 },
      { path: 'usr/local/bin/planted', content: '#!/bin/sh\n', mode: 0o755 },
    ],
  },
  {
    name: 'no-module',
    how: 'run',
    config: { User: '0:0' },
    host: { SecurityOpt: ['apparmor=unconfined', 'label=disable'] },
    needs: {
      run: '[ -n "$($B cat /proc/self/attr/current 2>/dev/null)" ]',
      lacking: 'its kernel confines with neither AppArmor nor SELinux, so there is nothing to be left out',
    },
  },
  { name: 'resourceful', how: 'run', config: { User: '0:0' }, host: { CapAdd: ['SYS_RESOURCE'] } },
  {
    // never started, so that it is only said
    name: 'host-declared',
    how: 'declared',
    host: {
      Privileged: true,
      PidMode: 'host',
      IpcMode: 'host',
      UTSMode: 'host',
      Binds: ['/etc:/host/etc:ro,rshared', '/sys/kernel/debug:/host/debug', '/:/host/root:ro'],
    },
  },
];
