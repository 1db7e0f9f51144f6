/** For a shell of busybox, whose path is in `B`; among the processes of a container, in none of its files. */
export const firstScript = `$B awk '/^(Name|SigCgt):/' /proc/1/status`;

/** Its parent ends at once, so that it is left to the first process of the container; how long that may take to reap it is in tenths of a second. */
export const orphanScript = `
p=$($B sh -c "$B sleep 1 >/dev/null 2>&1 </dev/null & echo \\$!")
i=0
while [ $i -lt 9 ]; do
  parent=$($B awk '/^PPid/{print $2}' /proc/$p/status)
  [ "$parent" = 1 ] && break
  i=$((i+1)); $B sleep 0.1
done
echo "parent $parent"
i=0; z=0
while [ $i -lt 80 ]; do
  state=$($B awk '/^State/{print $2}' /proc/$p/status 2>/dev/null)
  [ -z "$state" ] && echo reaped && exit 0
  [ "$state" = Z ] && z=$((z+1))
  [ $z -ge 25 ] && echo zombie && exit 0
  i=$((i+1)); $B sleep 0.1
done
echo unknown`;

/**
 * A signal from inside never kills the first process of a process namespace, and one from the engine counts as a stop by hand, after which no
 * policy starts it again. reboot(2) in a process namespace that is not the host's ends its first process with the kernel's own SIGKILL
 * (pid_namespaces(7)). Where the namespace is the host's it would be the host that reboots: looked for twice, by the number that the kernel
 * gives the first namespace and by a thread of the kernel's own.
 */
export const killScript = `
case "$($B readlink /proc/self/ns/pid)" in
  'pid:[4026531836]'|'') echo host; exit 1;;
esac
[ "$($B cat /proc/2/comm 2>/dev/null)" = kthreadd ] && echo host && exit 1
[ $$ = 1 ] && echo alone && exit 1
$B reboot -n -f`;
