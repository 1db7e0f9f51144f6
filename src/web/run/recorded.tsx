import { formatSize } from '../../domain/size.ts';
import type { RunRecord } from '../../domain/words.ts';
import { Table } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';

/** What there is besides: artifacts and evidence, to take away. */
export function Recorded({ record: { id, artifacts, evidence } }: { readonly record: RunRecord }) {
  return (
    <section>
      <h2>Recorded</h2>
      <p>
        <a href={`/api/v1/runs/${id}`}>The record as JSON</a>, <a href={`/reports?run=${id}#report-run`}>a report on it for others</a>
      </p>
      {evidence.length > 0 && (
        <p>
          Evidence:{' '}
          {evidence.map((one) => (
            <>
              <a class="mono" href={`/evidence/${encodeURIComponent(one)}`}>
                <Text of={one} />
              </a>{' '}
            </>
          ))}
        </p>
      )}
      {artifacts.length > 0 && (
        <Table
          caption="Artifacts"
          head={['Artifact', 'Type', { label: 'Size', numeric: true }, 'SHA-256']}
          rows={artifacts.map(({ name, mediaType, bytes, sha256 }) => ({
            cells: [
              <a href={`/api/v1/runs/${id}/artifacts/${encodeURIComponent(name)}`}>
                <Text of={name} />
              </a>,
              <Text of={mediaType} />,
              <span class="num">{formatSize(bytes)}</span>,
              <code title={sha256}>{sha256.slice(0, 16)}…</code>,
            ],
          }))}
        />
      )}
    </section>
  );
}
