import type { Filled } from './filled-store.ts';

/** Every page of the dashboard, by a name for its pictures. */
export function pagesOf({ runs, evidence }: Filled): Readonly<Record<string, string>> {
  return {
    login: '/login',
    wall: '/',
    drills: '/drills',
    drill: '/drills/recycle-shop',
    runs: '/runs',
    'run-passed': `/runs/${runs.passed}`,
    'run-failed': `/runs/${runs.failed}`,
    'run-probes': `/runs/${runs.probes}`,
    'run-rotation': `/runs/${runs.rotation}`,
    'run-hostile': `/runs/${runs.hostile}`,
    segmentation: '/segmentation',
    rotation: '/rotation',
    evidence: '/evidence',
    'evidence-pruned': `/evidence/${evidence}`,
    targets: '/targets',
    scorecard: '/scorecard',
    reports: '/reports',
    audit: '/audit',
  };
}
