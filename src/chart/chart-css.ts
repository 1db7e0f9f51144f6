import { readFileSync } from 'node:fs';

/** The charts' style, whole, for a file that stands by itself: without the dashboard's colours it has its own, light and dark. */
export function chartCss(): string {
  return readFileSync(new URL('../../assets/css/chart.css', import.meta.url), 'utf8');
}
