import type { ContainerInspect, ContainerSummary } from '../../domain/engine/containers.ts';
import { labels } from '../../domain/target.ts';
import type { Warning } from './warning.ts';

/** A program in a container of its own that acts on other containers. */
export interface Bot {
  /** As it calls itself in its image's name. */
  readonly pattern: RegExp;
  /** A label that its image carries. */
  readonly label?: string;
  /** What it would do to the target; null when it leaves it alone. */
  threat(target: BotTarget, bot: BotView): Warning | null;
}

export interface BotTarget {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** It is checked for health, so being frozen makes it unhealthy. */
  readonly checked: boolean;
}

export interface BotView {
  readonly name: string;
  env(name: string): string | null;
  /** Whether it has a variable whose name begins so. */
  hasEnv(prefix: string): boolean;
  readonly args: readonly string[];
}

/** By its image, whoever published it, and by what people name it: a private copy seldom has another name. */
export function isBot(bot: Bot, container: Pick<ContainerSummary, 'name' | 'image' | 'labels'>): boolean {
  if (bot.label !== undefined && isTrue(container.labels[bot.label])) return true;
  return [container.image, container.name, container.labels[labels.composeService] ?? ''].some((text) => bot.pattern.test(text));
}

export function viewOf(inspect: Pick<ContainerInspect, 'Name' | 'Config' | 'Args'>): BotView {
  const env = new Map((inspect.Config.Env ?? []).map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]));
  return {
    name: inspect.Name.replace(/^\//, ''),
    env: (name) => env.get(name) ?? null,
    hasEnv: (prefix) => [...env.keys()].some((name) => name.startsWith(prefix)),
    args: inspect.Args,
  };
}

/** As most of them read a switch. */
export function isTrue(text: string | null | undefined): boolean {
  return ['1', 't', 'true', 'yes', 'on'].includes(text?.trim().toLowerCase() ?? '');
}

export function words(text: string | null): readonly string[] {
  return (text ?? '').split(/[\s,]+/).filter(Boolean);
}
