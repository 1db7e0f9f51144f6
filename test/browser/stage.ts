import { type Fixture, fixture } from '../support/containers.ts';
import type { BrowserLab } from './lab.ts';
import { pagesOf } from './pages.ts';

export interface Stage extends AsyncDisposable {
  /** Every page of the dashboard, by a name for its pictures; those of a container and of its evidence are of real ones. */
  readonly pages: Readonly<Record<string, string>>;
}

/** Puts containers on the engine for the filled database's pages, one of them held frozen. */
export async function openStage(lab: BrowserLab): Promise<Stage> {
  const box: Fixture = fixture();
  try {
    const compose = ['--label', 'com.docker.compose.project=shop-staged', '--label', 'com.docker.compose.service=web'];
    const [web] = await Promise.all([box.run('web-1', ...compose), box.run('web-2', ...compose), box.runPlain('tools')]);
    const answer = await lab.home.call('freeze', box.name('web-2'), '--disposition', 'keep', '--reason', 'to be looked at', '--json');
    const [evidence] = (JSON.parse(answer.stdout) as { evidence: string[] }).evidence;
    const pages = { ...pagesOf(lab.filled), target: `/targets/${web}`, 'evidence-held': `/evidence/${evidence}` };
    return { pages, [Symbol.asyncDispose]: () => box[Symbol.asyncDispose]() };
  } catch (error) {
    await box[Symbol.asyncDispose]();
    throw error;
  }
}
