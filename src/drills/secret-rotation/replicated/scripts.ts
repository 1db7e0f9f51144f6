/**
 * What is run in containers with `sh -c`: POSIX, with the tools that BusyBox has as well. `$1` is the path, a link's own file is worked on; `$2` the run's mark.
 * Content comes by standard input. Exit codes: 3 there is no such file, 4 not all of the content came.
 */

const begin = `set -e; umask 077; f=$(readlink -f "$1") || exit 3; [ -f "$f" ] || exit 3; n="$f.$2-new"; b="$f.$2"`;

/** Prints the digest of the file, then names of copies that runs have put beside it, of whatever run. */
export const look = `${begin}; sha256sum < "$f"; for o in "$f".pitwall_*; do [ -e "$o" ] && echo "$o"; done; true`;

export const read = `${begin}; cat "$f"`;

/** A copy beside it, with its owner and mode; one that is there stays as it is. */
export const backUp = `${begin}; [ -e "$b" ] || { cp -p "$f" "$n"; mv "$n" "$b"; }`;

/** In one step, with owner and mode as they were. `$3`: how many bytes must come. */
export const replace = `${begin}; cp -p "$f" "$n"; cat > "$n"; [ "$(wc -c < "$n")" -eq "$3" ] || { rm -f "$n"; exit 4; }; mv -f "$n" "$f"`;

/** Prints whether there was a copy to put back, and the digest of what is then there. The copy stays. */
export const restore = `${begin}; if [ -e "$b" ]; then cp -p "$b" "$n"; mv -f "$n" "$f"; echo restored; else rm -f "$n"; echo untouched; fi; sha256sum < "$f"`;

export const drop = `${begin}; rm -f "$b" "$n"`;
