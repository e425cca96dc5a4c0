import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseConfiguration, findConfigurations } from '../../../../core/devcontainer/discover';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-discover-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), '{}');
  }
}

describe('findConfigurations', () => {
  it('finds all three places in order, one level deep', async () => {
    put(
      '.devcontainer/python/devcontainer.json',
      '.devcontainer/node/devcontainer.json',
      '.devcontainer/node/deeper/devcontainer.json',
      '.devcontainer/notes.json',
      '.devcontainer.json',
      '.devcontainer/devcontainer.json',
    );
    expect((await findConfigurations(folder)).map(({ label }) => label)).toEqual([
      '.devcontainer/devcontainer.json',
      '.devcontainer.json',
      '.devcontainer/node/devcontainer.json',
      '.devcontainer/python/devcontainer.json',
    ]);
  });

  it('finds nothing in an empty folder', async () => {
    expect(await findConfigurations(folder)).toEqual([]);
  });
});

describe('chooseConfiguration', () => {
  it('prefers the default places', async () => {
    put('.devcontainer.json', '.devcontainer/a/devcontainer.json');
    expect(await chooseConfiguration(folder, undefined)).toBe(join(folder, '.devcontainer.json'));
  });

  it('takes the only one', async () => {
    put('.devcontainer/a/devcontainer.json');
    expect(await chooseConfiguration(folder, undefined)).toBe(
      join(folder, '.devcontainer/a/devcontainer.json'),
    );
  });

  it('asks when there are several others, and names them', async () => {
    put('.devcontainer/a/devcontainer.json', '.devcontainer/b/devcontainer.json');
    await expect(chooseConfiguration(folder, undefined)).rejects.toMatchObject({
      problem: 'several-configurations',
      why: '.devcontainer/a/devcontainer.json, .devcontainer/b/devcontainer.json',
    });
  });

  it('says what it looked for', async () => {
    await expect(chooseConfiguration(folder, undefined)).rejects.toMatchObject({
      problem: 'no-configuration',
    });
    await expect(chooseConfiguration(folder, join(folder, 'x.json'))).rejects.toMatchObject({
      problem: 'no-configuration',
    });
  });
});

it('a folder that does not exist is told apart from one without a configuration', async () => {
  await expect(chooseConfiguration(join(folder, 'none'), undefined)).rejects.toThrow('is not a folder');
  await expect(chooseConfiguration(folder, undefined)).rejects.toThrow('has no dev container configuration');
});
