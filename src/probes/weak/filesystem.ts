import { nodePath } from '../../container/node-runtime.ts';
import type { WeakDummy } from './weak-dummy.ts';

const unconfined = ['seccomp=unconfined', 'apparmor=unconfined'];
const abstract = '@/containerd-shim/planted';
/** In a shell of its own, so that nothing waits for it: it ends with its dummy. */
const listen = `( ${nodePath} -e "require('net').createServer().listen('\\0/containerd-shim/planted.sock')" </dev/null >/dev/null 2>&1 & )`;
const shown = `i=0; until $B grep -q ${abstract} /proc/net/unix || [ $i -gt 200 ]; do i=$((i+1)); $B usleep 20000; done`;

export const filesystemWeak: readonly WeakDummy[] = [
  {
    // nobody listens at the one in the file system; at the other only the dummy itself, in a network namespace with nobody else
    name: 'sockets',
    how: 'run',
    config: { User: '0:0' },
    socketAt: '/run',
    setUp: `${listen}; ${shown}`,
  },
  {
    name: 'sysfs',
    how: 'run',
    config: { User: '0:0' },
    host: { CapAdd: ['SYS_ADMIN'], SecurityOpt: unconfined },
    setUp: '$B mount -o remount,rw /sys',
    needs: { run: '[ -e /sys/kernel/uevent_helper ]', lacking: 'its kernel has no /sys/kernel/uevent_helper' },
  },
  {
    // the hierarchy that it mounts is the host's
    name: 'cgroups',
    how: 'run',
    reachesHost: true,
    config: { User: '0:0' },
    host: { CapAdd: ['SYS_ADMIN'], SecurityOpt: unconfined },
    setUp: '$B mkdir /sys/fs/cgroup/planted && $B mount -t cgroup -o pids cgroup /sys/fs/cgroup/planted',
    needs: { run: '[ -e /sys/fs/cgroup/planted/release_agent ]', lacking: 'it has no cgroup v1 hierarchy with a release_agent' },
  },
  {
    // it may open every block device of the host for reading
    name: 'blocks',
    how: 'run',
    reachesHost: true,
    config: { User: '0:0' },
    host: { DeviceCgroupRules: ['b *:* rm'], SecurityOpt: unconfined },
  },
  {
    name: 'host-processes',
    how: 'run',
    reachesHost: true,
    config: { User: '0:0' },
    host: { PidMode: 'host', CapAdd: ['SYS_PTRACE'], SecurityOpt: unconfined },
  },
];
