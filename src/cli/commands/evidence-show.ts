import { formatSize } from '../../domain/size.ts';
import type { OpenFileRecord } from '../../forensics/records.ts';
import type { CaseDetail } from '../../forensics/service.ts';
import { flat, type Output } from '../output.ts';
import { coverageText, holdText, sealText, stateText } from '../view/evidence.ts';
import { utcTime } from '../view/record.ts';

const mostRows = 40;

/** A case for people: what it is, what it holds, what became of its container. */
export function showCase(out: Output, detail: CaseDetail, now: number): void {
  const { evidence } = detail;
  out.line(`${out.paint('strong', evidence.id)}  ${evidence.container.name}  ${stateText(out, evidence)}`);
  out.line(`  image     ${evidence.container.image}`);
  out.line(
    `  taken     ${utcTime(new Date(evidence.requestedAt).toISOString())}, ${evidence.trigger} by ${evidence.actor}${evidence.reason === null ? '' : `: ${evidence.reason}`}`,
  );
  out.line(
    `  seal      ${sealText(out, evidence.seal)}${detail.seal !== null && detail.seal.reasons.length > 0 ? `: ${detail.seal.reasons.join('; ')}` : ''}`,
  );
  out.line(`  hold      ${holdText(out, evidence.hold, now)}`);
  out.line(`  size      ${formatSize(evidence.bytes)}`);
  for (const image of detail.images) out.line(`  image     ${image.reference ?? image.name} ${image.digest}`);
  if (detail.alert !== null) out.line(`  alert     ${detail.alert.rule}: process ${detail.alert.processFound}`);
  section(
    out,
    'captured',
    detail.coverage.map((item) => coverageText(out, item)),
  );
  table(
    out,
    ['PID', 'PPID', 'UID', 'STATE', 'COMMAND'],
    detail.processes.map((one) => [
      String(one.pid),
      String(one.ppid),
      String(one.uid),
      one.state,
      one.argv.length > 0 ? one.argv.join(' ') : `[${one.comm}]`,
    ]),
  );
  table(
    out,
    ['PROTOCOL', 'LOCAL', 'REMOTE', 'STATE', 'PIDS'],
    detail.sockets
      .filter(({ protocol }) => protocol !== 'netlink')
      .map((one) => [
        one.protocol,
        one.local,
        one.remote ?? '-',
        one.state ?? '-',
        [...new Set(one.owners.map(({ pid }) => pid))].join(' '),
      ]),
  );
  table(
    out,
    ['FILE', 'WHAT'],
    detail.files.map((one) => [one.path, one.what]),
  );
  if (detail.openFiles !== undefined) table(out, ['PID', 'FD', 'OPEN FILE', 'WHAT'], openFiles(detail, detail.openFiles), Infinity);
  section(
    out,
    'timeline',
    detail.timeline.slice(-mostRows).map(({ at, what }) => `${at}  ${what}`),
  );
  section(
    out,
    'custody',
    detail.custody.map(({ at, zone, who, what }) => `${at} (${zone})  ${who}: ${what}`),
  );
}

/** A socket with the addresses that `network` knows of it. */
function openFiles({ sockets }: CaseDetail, files: readonly OpenFileRecord[]): string[][] {
  const byInode = new Map(sockets.map((one) => [one.inode, one]));
  return files.map(({ pid, fd, target, kind, deleted, size, inode }) => {
    const socket = kind === 'socket' && inode !== null ? byInode.get(inode) : undefined;
    const peers = socket === undefined ? [] : [socket.protocol, socket.local, ...(socket.remote === null ? [] : [`to ${socket.remote}`])];
    const what = [kind, ...(deleted ? ['deleted'] : []), ...(size === null ? [] : [`${size} bytes`]), peers.join(' ')];
    return [String(pid), String(fd), target, what.filter((word) => word !== '').join(', ')];
  });
}

function section(out: Output, title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  out.line();
  out.line(out.paint('strong', title));
  for (const line of lines) out.line(`  ${flat(line)}`);
}

function table(out: Output, head: readonly string[], rows: readonly (readonly string[])[], most = mostRows): void {
  if (rows.length === 0) return;
  out.line();
  out.table(
    head,
    rows.slice(0, most).map((row) => row.map(flat)),
  );
  if (rows.length > most) out.line(out.paint('quiet', `and ${rows.length - most} more (--json has all)`));
}
