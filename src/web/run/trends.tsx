import { type TrendProps, trendChart } from '../../chart/trend-chart.tsx';

/** How each objective of a drill went, a day at a time: the worst value of each day. */
export function Trends({ of }: { readonly of: readonly TrendProps[] }) {
  const measured = of.filter(({ points }) => points.length > 0);
  if (measured.length === 0) return null;
  return (
    <section>
      <h2>Objectives over the last 90 days</h2>
      <p class="quiet">The worst value of each day, of all targets and runs.</p>
      {measured.map((one) => trendChart(one))}
    </section>
  );
}
