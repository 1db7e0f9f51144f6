import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import type { ImageInspect } from '../../../domain/engine/images.ts';

export type TextKind = 'environment' | 'labels' | 'command' | 'settings' | 'health';

export interface NamedText {
  readonly kind: TextKind;
  /** `environment DB_PASSWORD`, `label app.config`, `its command`. */
  readonly place: string;
  readonly text: string;
}

/** All that anybody who may ask the engine reads of a container. */
export function inspectTexts(inspect: ContainerInspect): NamedText[] {
  const { Config, State, Path, Args, Id: _id, ...settings } = inspect;
  const { Env: _env, Labels: _labels, Cmd: _cmd, Entrypoint: _entrypoint, Healthcheck: _health, ...rest } = Config;
  return [
    ...configTexts(Config),
    { kind: 'command', place: 'its command', text: [Path, ...Args].join('\n') },
    { kind: 'health', place: 'what its health check printed', text: (State.Health?.Log ?? []).map(({ Output }) => Output).join('\n') },
    { kind: 'settings', place: 'its settings', text: JSON.stringify([rest, settings, State.Error]) },
  ];
}

export function imageTexts({ Config }: ImageInspect): NamedText[] {
  const { Env: _env, Labels: _labels, Cmd, Entrypoint, ...rest } = Config;
  return [
    ...configTexts(Config),
    { kind: 'command', place: 'its command', text: [...(Entrypoint ?? []), ...(Cmd ?? [])].join('\n') },
    { kind: 'settings', place: 'its settings', text: JSON.stringify(rest) },
  ];
}

type Configured = Pick<ContainerInspect['Config'], 'Healthcheck'> & {
  readonly Env?: readonly string[] | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
};

function configTexts({ Env, Labels, Healthcheck }: Configured): NamedText[] {
  return [
    ...(Env ?? []).map((variable): NamedText => {
      const at = variable.indexOf('=');
      return { kind: 'environment', place: `environment ${variable.slice(0, Math.max(at, 0))}`, text: variable.slice(at + 1) };
    }),
    ...Object.entries(Labels ?? {}).map(([name, text]): NamedText => ({ kind: 'labels', place: `label ${name}`, text })),
    { kind: 'command', place: 'the command of its health check', text: (Healthcheck?.Test ?? []).join('\n') },
  ];
}
