import type { RunContext } from '../../domain/kind.ts';
import type { Params } from './params.ts';

export type Context = RunContext<Params>;
