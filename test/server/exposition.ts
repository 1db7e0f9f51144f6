/** Prometheus' text format, read as strictly as its own tools do (https://prometheus.io/docs/instrumenting/exposition_formats). Throws for what they refuse. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: ReadonlyMap<string, number>;
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, { name: string; type: string; help: string; samples: Map<string, number> }>();
  let current: { name: string; type: string; help: string; samples: Map<string, number> } | null = null;
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue;
    const help = /^# HELP (\S+) (.+)$/.exec(line);
    if (help !== null) {
      const [, name = '', words = ''] = help;
      if (families.has(name)) throw new Error(`${name} is described twice`);
      if (!metricName.test(name)) throw new Error(`${name} is not a name`);
      current = { name, type: '', help: words, samples: new Map() };
      families.set(name, current);
      continue;
    }
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    if (type !== null) {
      if (current === null || current.name !== type[1] || current.type !== '') throw new Error(`out of place: ${line}`);
      current.type = type[2] ?? '';
      continue;
    }
    if (line.startsWith('#')) throw new Error(`neither HELP nor TYPE: ${line}`);
    const { name, labels, value } = readSample(line);
    const base = current?.type === 'histogram' ? name.replace(/_(?:bucket|sum|count)$/, '') : name;
    if (current === null || base !== current.name || current.type === '') throw new Error(`a sample outside its family: ${line}`);
    const key = `${name}{${[...labels].sort().join(',')}}`;
    if (current.samples.has(key)) throw new Error(`twice: ${line}`);
    current.samples.set(key, value);
  }
  return families;
}

function readSample(line: string): { readonly name: string; readonly labels: readonly string[]; readonly value: number } {
  const [, name = '', inside, number = ''] = /^([^{\s]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (!metricName.test(name)) throw new Error(`not a sample: ${line}`);
  const labels: string[] = [];
  let left = inside ?? '';
  while (left !== '') {
    const found = /^([^=]+)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/.exec(left);
    if (found === null || !labelName.test(found[1] ?? '') || (found[1] ?? '').startsWith('__')) throw new Error(`labels of ${line}`);
    if (labels.some((label) => label.startsWith(`${found[1]}=`))) throw new Error(`a label twice: ${line}`);
    labels.push(`${found[1]}="${found[2]}"`);
    left = left.slice(found[0].length);
  }
  const value = number === 'NaN' ? Number.NaN : number === '+Inf' ? Number.POSITIVE_INFINITY : Number(number);
  if (Number.isNaN(value)) throw new Error(`not a number: ${line}`);
  return { name, labels, value };
}
