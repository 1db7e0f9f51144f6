/**
 * What runs inside, in the shell of a static busybox: the image may have none. `$0` is that busybox, `$1` the token. What belongs to us is known
 * by its environment, `PWC=<token>-<what>`; the shell reads that by itself, so a container of many processes is not many more.
 */

/** The variable of the environment. The keeper gets it from the engine, the others from the keeper. */
export const mark = 'PWC';

/**
 * Plants, and then waits for what it planted: as their parent it reaps them, which a target's first process may not. Everything it starts
 * waits for a `sleep`; when that ends, by itself or killed, all of it unwinds and the files go. `$2` seconds, `$3` port,
 * `$4` kinds, `$5` tmpfs folders to try, `$6` a changed binary that is there already, or nothing. Standard input: secret, tmpfs, deleted.
 */
export const keeperScript = `
B=$0 T=$1 N=$2 PORT=$3 KINDS=" $4 " TMPFS=$5 READY=$6 LEFT= C=
umask 077
IFS= read -r SECRET; IFS= read -r ONTMPFS; IFS= read -r DELETED
exec </dev/null >/dev/null 2>&1
asked() { case "$KINDS" in *" $1 "*) return 0 ;; esac; return 1; }
nap() { PWC="$T-nap" "$B" sleep "$N"; }
if asked memory; then
  printf '%s\\n' "$SECRET" | PWC="$T-memory" "$B" sh -c 'IFS= read -r S; PWC="$1-nap" "$0" sleep "$2"; : "$S"' "$B" "$T" "$N" &
fi
SECRET=
if asked process; then PWC="$T-process" "$B" sh -c 'PWC="$1-nap" "$0" sleep "$2"; :' "$B" "$T" "$N" "$T-process" & fi
if asked tmpfs; then
  for d in $TMPFS; do
    "$B" grep -q " $d tmpfs " /proc/mounts || continue
    if { printf '%s' "$ONTMPFS" >"$d/$T"; } 2>/dev/null; then LEFT="$LEFT $d/$T"; break; fi
  done
fi
if asked deleted-file; then
  for d in /tmp /var/tmp $TMPFS; do
    if { true >"$d/$T-deleted"; } 2>/dev/null; then
      ( exec 3>"$d/$T-deleted"; printf '%s' "$DELETED" >&3; "$B" rm -f "$d/$T-deleted"; nap; : ) &
      break
    fi
  done
fi
if asked socket; then
  # the two builds of nc say where to listen in different ways
  NC="-p $PORT 127.0.0.1"
  "$B" nc --help 2>&1 | "$B" grep -q -e '-s ADDR' && NC="-s 127.0.0.1 -p $PORT"
  ( PWC="$T-socket" "$B" nc -l $NC & P=$!; nap; kill "$P"; wait "$P" ) &
fi
if asked changed-binary; then
  for d in /tmp /var/tmp; do
    c="$d/busybox-$T"
    if { "$B" cat "$B" >"$c" && printf '%s' "$T" >>"$c" && "$B" chmod 700 "$c" && "$c" true; } 2>/dev/null; then C=$c; LEFT="$LEFT $c"; break; fi
    "$B" rm -f "$c" 2>/dev/null
  done
  if [ -n "\${C:=$READY}" ]; then PWC="$T-changed" "$C" sleep "$N" & fi
fi
PWC="$T-ready" "$B" sleep "$N" &
wait
[ -z "$LEFT" ] || "$B" rm -f $LEFT
`;

/** For each process of ours its number and what it is: `nap`, `memory`, …, `keeper`. Nothing but builtins. */
const scan = `
scan() { for D in /proc/[0-9]*; do
  E=; { while IFS= read -r L || [ -n "$L" ]; do E="$E $L"; done <"$D/environ"; } 2>/dev/null
  case "$E" in *"PWC=$T"*) W="\${E#*PWC=$T}"; case "$W" in -*) W="\${W#-}" ;; *) W=keeper ;; esac
    for K in nap memory process socket changed ready keeper; do case "$W" in "$K"*) echo "\${D#/proc/} $K"; break ;; esac; done ;;
  esac
done; }
`;

/** Says what is there, a line each: what was planted is believed when it is seen. `$2` the port in four hexadecimal digits, `$3` tmpfs folders. */
export const lookScript = `
B=$0 T=$1 HEX=$2 TMPFS=$3
${scan}
scan | while read -r P K; do
  case "$K" in
    keeper) "$B" ls -l "/proc/$P/fd" 2>/dev/null | "$B" grep -qF -- "$T-deleted (deleted)" && echo deleted-file ;;
    changed) echo "changed $("$B" readlink "/proc/$P/exe")" ;;
    *) echo "$K" ;;
  esac
done
for d in $TMPFS; do [ ! -f "$d/$T" ] || echo "tmpfs $d/$T"; done
"$B" cat /proc/net/tcp | "$B" grep -qi ":$HEX 00000000:0000 0A" && echo listening
:
`;

/**
 * Ends the sleeps, so that all of it unwinds, and then whatever did not. Says what is still there. `$2` folders.
 */
export const undoScript = `
B=$0 T=$1 DIRS=$2
${scan}
sleeps() { scan | while read -r P K; do case "$K" in nap|changed|ready) echo "$P" ;; esac; done; }
for P in $(sleeps); do kill -9 "$P" 2>/dev/null; done
i=0
while [ -n "$(scan)" ] && [ $i -lt 20 ]; do "$B" usleep 100000 2>/dev/null || "$B" sleep 1; i=$((i+1)); done
for P in $(scan | while read -r P K; do echo "$P"; done); do kill -9 "$P" 2>/dev/null; done
for d in $DIRS; do for f in "$d/$T" "$d/$T-deleted" "$d/busybox-$T"; do
  [ ! -e "$f" ] || "$B" rm -f "$f" 2>/dev/null
  [ ! -e "$f" ] || echo "file $f"
done; done
scan | while read -r P K; do echo "process $P ($K)"; done
:
`;
