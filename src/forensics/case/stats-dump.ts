/** What Pitwall measured of its own capture; times in µs, pages of 4 KiB. */
export interface DumpStats {
  readonly freezingUs: number;
  readonly frozenUs: number;
  readonly memdumpUs: number;
  readonly memwriteUs: number;
  readonly pagesScanned: number;
  readonly pagesWritten: number;
}

/** The statistics in CRIU's format (criu, images/stats.proto), without which `checkpointctl inspect --all` fails. */
export function statsDump(stats: DumpStats): Buffer {
  const dump = Buffer.concat([
    field(1, stats.freezingUs),
    field(2, stats.frozenUs),
    field(3, stats.memdumpUs),
    field(4, stats.memwriteUs),
    field(5, stats.pagesScanned),
    // pages skipped because the checkpoint before had them: there is none
    field(6, 0),
    field(7, stats.pagesWritten),
    // pages left to be fetched later: none, but the field is required
    field(9, 0),
  ]);
  const entry = Buffer.concat([varint((1 << 3) | 2), varint(dump.length), dump]);
  const head = Buffer.alloc(12);
  head.writeUInt32LE(0x55105940, 0);
  head.writeUInt32LE(0x57093306, 4);
  head.writeUInt32LE(entry.length, 8);
  return Buffer.concat([head, entry]);
}

function field(number: number, value: number): Buffer {
  return Buffer.concat([varint(number << 3), varint(Math.max(0, Math.round(value)))]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}
