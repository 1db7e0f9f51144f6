export interface Layer {
  /** `RUN`, `ENV`, …; empty where the line does not say. */
  readonly instruction: string;
  readonly text: string;
  /** Of a RUN by the classic builder and by BuildKit, which both write them before the command: `|2 A=b C=d /bin/sh -c …`. */
  readonly buildArguments: readonly string[];
}

const instructions =
  /^(FROM|RUN|CMD|LABEL|MAINTAINER|EXPOSE|ENV|ADD|COPY|ENTRYPOINT|VOLUME|USER|WORKDIR|ARG|ONBUILD|STOPSIGNAL|HEALTHCHECK|SHELL)\s+(.*)$/s;

/** A line `CreatedBy` of an image's history, by either builder: `/bin/sh -c #(nop)  ENV A=b`, `ENV A=b`, `RUN |1 A=b /bin/sh -c … # buildkit`. */
export function describeLayer(line: string): Layer {
  const plain = line.replace(/\s*# buildkit\s*$/, '').trim();
  const marked = /^\S[^#]{0,200} #\(nop\)\s+(.*)$/s.exec(plain)?.[1] ?? plain;
  const [, instruction = '', rest = marked] = instructions.exec(marked) ?? [];
  const [, count, after = ''] = /^\|(\d{1,3})\s+(.*)$/s.exec(rest) ?? [];
  const buildArguments = count === undefined ? [] : after.split(' ').slice(0, Number(count));
  // what is no instruction is the command of a RUN, or of the container that an image was committed from
  return { instruction: instruction === '' && rest !== '' ? 'RUN' : instruction, text: rest, buildArguments };
}

/** The words of a health check's test. */
export function argumentsOf(healthcheck: unknown): string[] {
  const test = (healthcheck as { readonly Test?: readonly unknown[] | null } | null | undefined)?.Test;
  return (test ?? []).map(String);
}

export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
