import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { kinds } from '../fixtures/fake-kind.ts';
import { drillText, folder } from '../fixtures/folder.ts';
import { loadCatalogue } from './catalogue.ts';

describe('loadCatalogue', () => {
  test('reads every drill of the folders and those right below, sorted by name', () => {
    using one = folder({ 'z.yaml': drillText('a'), 'a.yml': `${drillText('c')}---\n${drillText('b')}`, 'sub/d.yaml': drillText('d') });
    using two = folder({
      'e.yaml': drillText('e'),
      'sub/sub/deep.yaml': drillText('deep'),
      '.hidden.yaml': 'x',
      '.git/x.yaml': 'x',
      'note.txt': 'x',
      'drill.schema.json': '{}',
    });
    const { drills, problems } = loadCatalogue({ folders: [one.path, two.path, one.path], kinds, cwd: one.path });
    expect(problems).toEqual([]);
    expect(drills.map((drill) => [drill.name, drill.source.file])).toEqual([
      ['a', 'z.yaml'],
      ['b', 'a.yml'],
      ['c', 'a.yml'],
      ['d', 'sub/d.yaml'],
      ['e', two.at('e.yaml')],
    ]);
  });

  test('names both places of a name that two files share, and takes neither', () => {
    using here = folder({ 'a.yaml': drillText('same'), 'b.yaml': `# two\n${drillText('same')}`, 'c.yaml': drillText('other') });
    const { drills, problems } = loadCatalogue({ folders: [here.path], kinds, cwd: here.path });
    expect(drills.map((drill) => drill.name)).toEqual(['other']);
    expect(problems.map((problem) => problem.message)).toEqual([
      'b.yaml:2:7 name: "same" is also the name of the drill at a.yaml:1:7: give one of them another name',
    ]);
  });

  test('says of each file and folder that cannot be read why, and reads the rest', () => {
    using here = folder({
      'binary.yaml': Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0x00]),
      'good.yaml': drillText('good'),
      'latin.yaml': Buffer.from('name: caf\xe9\n', 'latin1'),
      'later.yaml': Buffer.concat([Buffer.from('name: a\ndescription: é'), Buffer.from([0xc3, 0x28])]),
      'utf16.yaml': Buffer.from('\ufeffname: a', 'utf16le'),
      'empty.yaml': '',
      'huge.yaml': Buffer.alloc(5_000_000, 'a: b\n'),
    });
    mkdirSync(here.at('folder.yaml'));
    symlinkSync(here.at('nowhere'), here.at('link.yaml'));
    symlinkSync('/dev/zero', here.at('device.yaml'));
    const { drills, problems } = loadCatalogue({ folders: [here.path, here.at('none'), here.at('good.yaml')], kinds, cwd: here.path });
    expect(drills.map((drill) => drill.name)).toEqual(['good']);
    expect(problems.map((problem) => problem.message).toSorted()).toEqual(
      [
        'binary.yaml:1:1 the file is not text: it holds the control character U+007F',
        'empty.yaml:1:1 the file is empty',
        'folder.yaml:1:1 the path is a folder',
        'good.yaml the path is not a folder',
        'huge.yaml:1:1 the file has 5000000 bytes; at most 1048576 characters are read',
        'later.yaml:2:15 the file is not UTF-8 text',
        'latin.yaml:1:10 the file is not UTF-8 text',
        'link.yaml the file does not exist',
        'none the folder does not exist',
        'device.yaml:1:1 the path is not a regular file',
        'utf16.yaml:1:1 the file is UTF-16: save it as UTF-8',
      ].toSorted(),
    );
  });

  test.skipIf(process.getuid?.() === 0)('a file that may not be read', () => {
    using here = folder({ 'secret.yaml': drillText('a') });
    chmodSync(here.at('secret.yaml'), 0);
    expect(loadCatalogue({ folders: [here.path], kinds, cwd: here.path }).problems[0]?.message).toBe(
      'secret.yaml the file cannot be read (EACCES)',
    );
  });
});
