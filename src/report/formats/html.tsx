import { createHash } from 'node:crypto';
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { visible } from '../../domain/inert.ts';
import { type Section, signs } from '../outline/blocks.ts';
import { outline } from '../outline/outline.ts';
import type { Report } from '../schema.ts';
import { percent } from '../wording.ts';
import { Block, marked, Words } from './html-blocks.tsx';
import { reportStyle } from './style.ts';

export interface Charts {
  readonly nodes: readonly VNode[];
  /** What they need beside the report's own style. */
  readonly css: string;
}

/**
 * A report as one file that needs nothing else: opened from disk it asks no network for anything, and a policy in it forbids that besides. No
 * script; the one style is named by its hash.
 */
export function htmlReport(report: Report, charts: Charts = { nodes: [], css: '' }): string {
  const style = `${reportStyle}${charts.css}`;
  const sections = outline(report).filter(({ blocks }) => blocks.some((block) => block.type !== 'charts' || charts.nodes.length > 0));
  const head = renderToString(
    <>
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="generator" content={`Pitwall ${report.pitwall}`} />
      <title>{`Pitwall report: ${visible(report.title)}`}</title>
    </>,
  );
  const body = renderToString(<Body report={report} sections={sections} charts={charts.nodes} />);
  const policy = reportPolicy(style);
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="content-security-policy" content="${policy}">${head}<style>${style}</style></head>${body}</html>\n`;
}

/** The policy that a report's file has in it, for whoever serves it; one that allows nothing for what is no report. */
export function reportPolicyOf(html: string): string {
  return /<meta http-equiv="content-security-policy" content="([^"]*)">/.exec(html.slice(0, 2_000))?.[1] ?? "default-src 'none'";
}

function reportPolicy(style: string): string {
  const hash = createHash('sha256').update(style).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
}

interface BodyProps {
  readonly report: Report;
  readonly sections: readonly Section[];
  readonly charts: readonly VNode[];
}

function Body({ report, sections, charts }: BodyProps) {
  return (
    <body>
      <header>
        <p class="kicker">Pitwall report</p>
        <h1>
          <Words of={report.title} />
        </h1>
        <Outcome report={report} />
        <p class="made">
          {report.id}, made on {report.at} by Pitwall {report.pitwall}
        </p>
        <nav aria-label="In this report">
          <ul>
            {sections.map(({ id, title }) => (
              <li>
                <a href={`#${id}`}>{visible(title)}</a>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <main>
        {sections.map(({ id, title, blocks }) => (
          <section aria-labelledby={id}>
            <h2 id={id}>{visible(title)}</h2>
            {blocks.map((block) => (block.type === 'charts' ? charts : <Block block={block} label={title} />))}
          </section>
        ))}
      </main>
    </body>
  );
}

function Outcome({ report: { scorecard, scope, runs } }: { readonly report: Report }) {
  if (scorecard !== null) {
    return (
      <p class="outcome">
        {scorecard.grade} proven {percent(scorecard.proven)}, coverage {percent(scorecard.coverage)}
      </p>
    );
  }
  const [run] = runs;
  if (scope.type !== 'run' || run === undefined) return null;
  const mark = marked(run.verdict);
  return (
    <p class={`outcome ${mark}`}>
      {signs[mark]} {run.verdict ?? 'running'}
    </p>
  );
}
