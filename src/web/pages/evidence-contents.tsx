/** What is in a case: processes, sockets, files; what happened when, and who handled it. Names in it come from a container that may be hostile. */
import type { CaseDetail } from '../../forensics/service.ts';
import { Empty } from '../parts/empty.tsx';
import { Long } from '../parts/long.tsx';
import { type Column, Table, type TableRow } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';
import type { EvidenceProps } from './evidence.tsx';

/** Of each list; the files to download have all. */
const mostRows = 200;

export function Contents({ detail }: EvidenceProps) {
  const { processes, sockets, files, timeline, custody } = detail;
  const talking = sockets.filter(({ protocol }) => protocol !== 'netlink');
  return (
    <>
      <List
        title="Processes"
        head={[
          { label: 'PID', numeric: true },
          { label: 'PPID', numeric: true },
          { label: 'UID', numeric: true },
          'State',
          'Program',
          'Command line',
        ]}
        all={processes}
        row={processRow}
      />
      <List title="Sockets" head={['Protocol', 'Local', 'Remote', 'State', 'Processes']} all={talking} row={socketRow} />
      <List title="Files" head={['File', 'What']} all={files} row={({ path, what }) => [<Long of={path} />, <Long of={what} />]} />
      <List title="Timeline" head={['At', 'What']} all={timeline} newest row={({ at, what }) => [<Time at={at} />, <Long of={what} />]} />
      <List
        title="Custody"
        head={['At', 'Zone', 'Who', 'What']}
        all={custody}
        newest
        row={({ at, zone, who, what }) => [<Time at={at} />, <Text of={zone} />, <Text of={who} />, <Long of={what} />]}
      />
    </>
  );
}

function List<T>({
  title,
  head,
  all,
  row,
  newest = false,
}: {
  readonly title: string;
  readonly head: readonly (Column | string)[];
  readonly all: readonly T[];
  readonly row: (one: T) => TableRow['cells'];
  /** The last ones are shown, not the first. */
  readonly newest?: boolean;
}) {
  const shown = newest ? all.slice(-mostRows) : all.slice(0, mostRows);
  const id = title.toLowerCase();
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>
        {title} <span class="num">{all.length.toLocaleString('en-US')}</span>
      </h2>
      {all.length === 0 ? <Empty>None.</Empty> : <Table caption={title} head={head} rows={shown.map((one) => ({ cells: row(one) }))} />}
      {all.length > shown.length && (
        <p class="quiet">
          The {newest ? 'last' : 'first'} {mostRows} of {all.length.toLocaleString('en-US')}; <a href="#verify">take away</a> the rest as
          JSON.
        </p>
      )}
    </section>
  );
}

function processRow(one: CaseDetail['processes'][number]): TableRow['cells'] {
  return [
    one.pid,
    one.ppid,
    one.uid,
    <Text of={one.state} />,
    one.exe === null ? (
      <span class="quiet">–</span>
    ) : (
      <>
        <Long of={one.exe} />
        {one.exeDeleted && ' (its file is gone)'}
      </>
    ),
    <Long of={one.argv.length > 0 ? one.argv.join(' ') : `[${one.comm}]`} />,
  ];
}

function socketRow({ protocol, local, remote, state, owners }: CaseDetail['sockets'][number]): TableRow['cells'] {
  return [
    protocol,
    <Long of={local} />,
    remote === null ? <span class="quiet">–</span> : <Long of={remote} />,
    state === null ? <span class="quiet">–</span> : <Text of={state} />,
    [...new Set(owners.map(({ pid }) => pid))].slice(0, 20).join(' '),
  ];
}
