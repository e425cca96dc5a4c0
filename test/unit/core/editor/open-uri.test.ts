import { describe, expect, it } from 'vitest';
import { folderOf, openUri } from '../../../../core/editor/open-uri';

/** As editors take an address apart: every part is decoded once. */
const parts = (address: string) => {
  const [, path = '', query = ''] = /^[\w-]+:\/\/berth\.berth([^?]*)\??(.*)$/.exec(address) ?? [];
  return { path: decodeURIComponent(path), query: decodeURIComponent(query) };
};

describe('an address that opens a folder', () => {
  it('names the extension and the folder', () => {
    expect(openUri('vscodium', '/home/me/a project')).toBe(
      'vscodium://berth.berth/open?folder=%2Fhome%2Fme%2Fa%20project',
    );
  });

  it.each(['/', '/home/me/project', '/a b', '/a+b', '/a&folder=b', '/100%', '/%2e', '/ä/#x?y=z'])(
    'brings %s over unchanged',
    (folder) => {
      expect(folderOf(parts(openUri('vscode', folder)))).toBe(folder);
    },
  );

  it('has one spelling for one folder', () => {
    expect(folderOf({ path: '/open', query: 'folder=/home/me/../you/project//' })).toBe('/home/you/project');
  });

  it.each([
    ['/open', 'folder=relative', 'not an absolute path'],
    ['/open', 'folder=', 'not an absolute path'],
    ['/open', 'folder=/a\0b', 'not an absolute path'],
    ['/open', '', 'names no folder'],
    ['/open', 'path=/home', 'names no folder'],
    ['/run', 'folder=/home', 'nothing that Berth can do'],
  ])('is refused when it is %s?%s', (path, query, why) => {
    expect(() => folderOf({ path, query })).toThrow(
      expect.objectContaining({
        what: 'The link cannot be opened',
        why: expect.stringContaining(why) as string,
      }),
    );
  });
});
