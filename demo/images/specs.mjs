/** @typedef {import('./ensure.mjs').ImageSpec} ImageSpec */

/** A shell, tools, and a process that does nothing and ends at once when told. @type {ImageSpec} */
export const busybox = {
  tag: 'pitwall-fixture/busybox:1',
  official: 'busybox:stable-musl',
  suite: 'trixie',
  packages: ['busybox-static'],
  config: [`CMD ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done"]`],
};
