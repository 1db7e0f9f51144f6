import { describe, expect, test } from 'vitest';
import { advisories, isOpen, mayBePatched } from './floors.ts';

const open = (component: string, version: string) =>
  advisories.filter((one) => one.component === component && isOpen(one, version) === true).flatMap(({ ids }) => ids);

describe('which holes a version has', () => {
  test.each([
    ['runc', '1.2.7', ['CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881']],
    ['runc', '1.1.11', ['CVE-2024-21626', 'CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881']],
    ['runc', '1.4.0-rc.2', ['CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881']],
    ['runc', '1.0.0-rc10', ['CVE-2021-30465', 'CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881']],
    ['containerd', 'v1.7.28', ['CVE-2024-25621']],
    ['containerd', '2.0.6', ['CVE-2024-25621']],
    ['Engine', '24.0.9', ['CVE-2024-29018', 'CVE-2024-41110', 'CVE-2026-34040']],
    ['Engine', '28.3.2', ['CVE-2025-54388', 'CVE-2026-34040']],
  ])('%s %s', (component, version, ids) => {
    expect(open(component, version)).toEqual(expect.arrayContaining(ids));
  });

  test.each([
    ['runc', '1.2.8', 'CVE-2025-31133'],
    ['runc', '1.3.3', 'CVE-2025-31133'],
    ['runc', '1.4.0', 'CVE-2025-31133'],
    ['runc', '1.5.2', 'CVE-2025-31133'],
    ['runc', '1.1.12', 'CVE-2024-21626'],
    ['runc', '1.0.0-rc92', 'CVE-2024-21626'],
    ['containerd', '1.7.29', 'CVE-2024-25621'],
    ['containerd', '2.1.5', 'CVE-2024-25621'],
    ['containerd', '2.2.1', 'CVE-2024-25621'],
    ['Engine', '26.1.5+dfsg1', 'CVE-2024-41110'],
    ['Engine', '25.0.6', 'CVE-2024-41110'],
    ['Engine', '28.1.1', 'CVE-2025-54388'],
    ['Engine', '28.5.2', 'CVE-2025-54388'],
  ])('%s %s has no %s', (component, version, id) => {
    expect(open(component, version)).not.toContain(id);
  });

  test('what cannot be read is not known', () => {
    expect(isOpen({ since: null, fixed: ['1.2.8'] }, 'dev')).toBe(null);
    expect(isOpen({ since: null, fixed: ['1.2.8'] }, '')).toBe(null);
  });

  test('every hole has a place where it is told, and versions in order', () => {
    for (const { ids, source, fixed } of advisories) {
      expect(source).toMatch(/^https:\/\//);
      expect(ids.length * fixed.length).toBeGreaterThan(0);
      for (const [index, version] of fixed.slice(1).entries())
        expect(isOpen({ since: null, fixed: [version] }, fixed[index] ?? '')).toBe(true);
    }
  });
});

test.each([
  ['1.7.24~ds1', '1.7.24~ds1-6+deb13u1', true],
  ['26.1.5+dfsg1', '411e817', true],
  ['1.2.5', '1.2.5-0ubuntu1~24.04.1', true],
  ['1.1.12-2.el9', '', true],
  ['27.5.1', '', true],
  ['1.2.5', 'v1.2.5-0-g59923ef', false],
  ['v1.7.27', '05044ec0a9a75232cad458027ca83437aae3f4da', false],
  ['28.3.2', 'e77ff99', false],
  ['1.4.0-rc.2', 'v1.4.0-rc.2-0-gb2ec7f9', false],
])('%s of %s may be patched: %s', (version, commit, expected) => {
  expect(mayBePatched({ version, commit })).toBe(expected);
});
