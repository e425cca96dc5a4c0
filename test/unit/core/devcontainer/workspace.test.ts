import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseMount } from '../../../../core/devcontainer/mounts';
import { placeWorkspace } from '../../../../core/devcontainer/workspace';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'berth-workspace-'));
  mkdirSync(join(root, 'repo/.git'), { recursive: true });
  writeFileSync(join(root, 'repo/.git/HEAD'), 'ref: refs/heads/main\n');
  mkdirSync(join(root, 'repo/packages/app'), { recursive: true });
  mkdirSync(join(root, 'tree'), { recursive: true });
  writeFileSync(join(root, 'tree/.git'), 'gitdir: ../repo/.git/worktrees/tree\n');
  mkdirSync(join(root, 'plain, "quoted"/.git'), { recursive: true });
});
afterAll(() => rmSync(root, { recursive: true }));

describe('placeWorkspace', () => {
  it('mounts the git root and works in the opened folder below it', async () => {
    expect(await placeWorkspace(join(root, 'repo/packages/app'), {})).toEqual({
      folder: '/workspaces/repo/packages/app',
      mount: `type=bind,source=${root}/repo,target=/workspaces/repo`,
    });
  });

  it('takes a worktree, whose .git is a file', async () => {
    expect((await placeWorkspace(join(root, 'tree'), {})).folder).toBe('/workspaces/tree');
  });

  it('mounts the folder itself where there is no repository, whatever its name', async () => {
    const { folder, mount } = await placeWorkspace(join(root, 'plain, "quoted"'), {});
    expect(folder).toBe('/workspaces/plain, "quoted"');
    expect(parseMount(mount)).toEqual({
      Type: 'bind',
      Source: `${root}/plain, "quoted"`,
      Target: '/workspaces/plain, "quoted"',
    });
  });

  it('fills in whichever of the two properties is missing', async () => {
    const folder = join(root, 'repo');
    expect(await placeWorkspace(folder, { workspaceFolder: '/work' })).toEqual({
      folder: '/work',
      mount: `type=bind,source=${folder},target=/workspaces/repo`,
    });
    expect(await placeWorkspace(folder, { workspaceMount: '' })).toEqual({
      folder: '/workspaces/repo',
      mount: '',
    });
  });
});
