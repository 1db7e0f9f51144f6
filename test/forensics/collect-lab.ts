import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EvidenceSink } from '../../src/domain/evidence.ts';
import type { Lab } from '../helper/lab.ts';

const execute = promisify(execFile);

/** Keeps what a step writes, and minds that a sink's rules are kept. */
export function memorySink() {
  const files = new Map<string, Buffer>();
  let open = false;
  const sink: EvidenceSink = {
    async file(path, size) {
      if (open) throw new Error('two files are open');
      if (files.has(path)) throw new Error(`${path} came twice`);
      open = true;
      const parts: Buffer[] = [];
      return {
        async write(chunk) {
          // a chunk may be used again
          parts.push(Buffer.from(chunk));
        },
        async close() {
          const content = Buffer.concat(parts);
          if (content.length !== size) throw new Error(`${path}: ${content.length} instead of ${size} bytes`);
          files.set(path, content);
          open = false;
        },
      };
    },
  };
  return {
    files,
    sink,
    json: <T>(path: string) => JSON.parse(String(files.get(path))) as T,
    digest: (path: string) => digest(files.get(path)),
  };
}

export function digest(bytes: Buffer | undefined): string {
  return createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');
}

/** A program that does what no shell can; null where there is no compiler. */
export async function compile(folder: string, name: string, source: string): Promise<string | null> {
  const path = join(folder, name);
  await writeFile(`${path}.c`, source);
  try {
    await execute('gcc', ['-static', '-O1', '-o', path, `${path}.c`]);
    return path;
  } catch {
    return null;
  }
}

/** Holds a memfd, a deleted mapping, an abstract socket and a unix socket whose name has a line end. */
export const holder = `#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
static void bind_to(const char *name, int length) {
  struct sockaddr_un a = { .sun_family = AF_UNIX };
  memcpy(a.sun_path, name, length);
  int s = socket(AF_UNIX, SOCK_STREAM, 0);
  bind(s, (struct sockaddr *)&a, sizeof(sa_family_t) + length);
  listen(s, 1);
}
int main(void) {
  int m = memfd_create("hidden", 0);
  write(m, "memfd canary", 12);
  int f = open("/tmp/mapped", O_RDWR | O_CREAT, 0600);
  write(f, "mapped canary", 13);
  mmap(0, 4096, PROT_READ, MAP_SHARED, f, 0);
  close(f);
  unlink("/tmp/mapped");
  mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  bind_to("\\0abstract", 9);
  bind_to("/tmp/a\\nb", 8);
  puts("ready");
  fflush(stdout);
  pause();
}`;

/** A container with everything that the collector looks for, running until it is removed. The script, or what holds most of it, prints `ready` last. */
export async function everything(lab: Lab, name: string, program: string | null): Promise<string> {
  const script = `
    printf 'open canary' >/tmp/gone; exec 9<>/tmp/gone; rm /tmp/gone
    printf x >'/tmp/kept (deleted)'; exec 8<'/tmp/kept (deleted)'
    cd /scratch
    printf 'tmpfs canary' >plain; ln plain again; ln -s /etc/shadow link; mkfifo fifo
    printf nl >"$(printf 'new\\nline')"; printf b1 >"$(printf 'bad\\377')"; printf b2 >"$(printf 'bad\\376')"
    mkdir -p deep/er; printf d >deep/er/file; chmod 700 deep; chown 1000:1000 deep/er deep/er/file plain; chmod 600 plain
    dd if=/dev/zero of=sparse bs=1 count=1 seek=3221225471 2>/dev/null; printf hole | dd of=sparse bs=1 seek=1073741824 conv=notrunc 2>/dev/null
    printf shm >/dev/shm/segment; mknod device c 1 3 2>/dev/null
    mkdir /layer; i=0; while [ $i -lt 40 ]; do printf $i >/layer/f$i; i=$((i+1)); done
    printf a >"$(printf '/layer/bad\\377')"; rm /etc/issue 2>/dev/null; ln -s /etc/shadow /layer/link; mkfifo /layer/fifo; chown 1000:1000 /layer/f1
    dd if=/dev/urandom of=/layer/big bs=1M count=3 2>/dev/null; cp /bin/busybox /tmp/busybox-run; /tmp/busybox-run sleep 99999 &
    until [ "$(readlink /proc/$!/exe)" = /tmp/busybox-run ]; do :; done; rm /tmp/busybox-run
    sleep 99999 | nc -l -p 7000 >/dev/null & until netstat -ltn | grep -q :7000; do :; done; sleep 99999 | nc 127.0.0.1 7000 >/dev/null &
    until netstat -tn | grep -q ':7000.*ESTABLISHED'; do :; done
    [ -x /holder ] && /holder &
    sleep 77777 & [ -x /holder ] || echo ready; wait`;
  const id = await lab.run(name, {
    Entrypoint: ['sh', '-c'],
    Cmd: [script],
    HostConfig: {
      Tmpfs: { '/scratch': 'rw', '/other': 'rw,size=1m' },
      Binds: program === null ? [] : [`${program}:/holder:ro`],
      CapAdd: ['MKNOD'],
    },
  });
  for await (const { line } of lab.engine.logs(id, { follow: true })) if (line.startsWith('ready')) break;
  await execute('docker', ['exec', '-d', '-e', 'EXTRA=secret', id, 'sleep', '88888']);
  return id;
}
