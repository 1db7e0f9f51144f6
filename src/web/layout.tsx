/** The frame around every page. */
import type { ComponentChild } from 'preact';
import { visible } from '../domain/inert.ts';
import { rubric } from '../scorecard/rubric.ts';
import type { Assets } from './assets.ts';
import { Controls } from './controls.tsx';
import type { Frame } from './frame.ts';

export interface LayoutProps {
  readonly frame: Frame;
  readonly assets: Assets;
  /** False for who may not even read: such a one is told nothing of what goes on here. */
  readonly readable: boolean;
  readonly body: ComponentChild;
}

export function Layout({ frame, assets, readable, body }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${visible(frame.title)} · Pitwall`}</title>
        <link rel="icon" href={assets.icon} type="image/svg+xml" />
        <link rel="stylesheet" href={assets.style} />
        {readable && assets.scripts.map((script) => <script type="module" src={script} />)}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the page
        </a>
        <header class="top">
          <a class="name" href="/">
            Pitwall
          </a>
          <Navigation frame={frame} readable={readable} />
          <Controls frame={frame} readable={readable} />
        </header>
        <main id="main" tabIndex={-1}>
          {body}
        </main>
        <footer class="bottom">
          <span>Pitwall {frame.version}</span>
          {readable && (
            <>
              <a href="/scorecard#rubric">Rubric {rubric.id}</a>
              <span id="live" role="status" data-now={frame.now} />
              <noscript>This page does not update by itself: scripts are off. Load it again to see what is new.</noscript>
            </>
          )}
        </footer>
      </body>
    </html>
  );
}

const places = [
  ['/', 'Wall'],
  ['/drills', 'Drills'],
  ['/runs', 'Runs'],
  ['/targets', 'Targets'],
  ['/segmentation', 'Segmentation'],
  ['/rotation', 'Rotation'],
  ['/evidence', 'Evidence'],
  ['/scorecard', 'Scorecard'],
  ['/reports', 'Reports'],
  ['/audit', 'Audit'],
] as const;

function Navigation({ frame: { path, reader }, readable }: { readonly frame: Frame; readonly readable: boolean }) {
  if (!readable) return null;
  const here = (href: string) => (href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`));
  const open = (href: string) =>
    href === '/audit' ? reader?.may('administer') === true : href !== '/evidence' || reader?.may('read-evidence') === true;
  return (
    <nav aria-label="Pages">
      <ul>
        {places
          .filter(([href]) => open(href))
          .map(([href, label]) => (
            <li>
              <a href={href} aria-current={here(href) ? 'page' : undefined}>
                {label}
              </a>
            </li>
          ))}
      </ul>
    </nav>
  );
}
