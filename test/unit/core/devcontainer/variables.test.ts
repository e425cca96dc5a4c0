import { describe, expect, it } from 'vitest';
import { devcontainerId, substitute } from '../../../../core/devcontainer/variables';

const context = {
  localEnv: { HOME: '/home/dev', EMPTY: '', TOKEN: 'a$b' },
  localWorkspaceFolder: '/home/dev/my project',
  containerWorkspaceFolder: '/workspaces/my project/app',
  devcontainerId: 'abc',
};

describe('substitute', () => {
  it.each([
    ['${localEnv:HOME}/x', '/home/dev/x'],
    ['${env:HOME}', '/home/dev'],
    ['${localEnv:MISSING}', ''],
    ['${localEnv:EMPTY:default}', ''],
    ['${localEnv:MISSING:default}', 'default'],
    ['${localEnv:MISSING:http://proxy:3128/x}', 'http://proxy:3128/x'],
    ['${localEnv:TOKEN}', 'a$b'],
    ['${localWorkspaceFolder}', '/home/dev/my project'],
    ['${localWorkspaceFolderBasename}', 'my project'],
    ['${containerWorkspaceFolder}', '/workspaces/my project/app'],
    ['${containerWorkspaceFolderBasename}', 'app'],
    ['${devcontainerId}', 'abc'],
    ['${unknown:thing} ${localWorkspaceFolder', '${unknown:thing} ${localWorkspaceFolder'],
    ['${containerEnv:PATH}', '${containerEnv:PATH}'],
  ])('%s becomes %s', (text, expected) => {
    expect(substitute(text, context)).toBe(expected);
  });

  it('replaces in the second pass what the container sets', () => {
    const text = substitute('${containerEnv:PATH}:${localEnv:HOME}/bin:${containerEnv:NO:x:y}', context);
    expect(substitute(text, { containerEnv: { PATH: '/usr/bin' } })).toBe('/usr/bin:/home/dev/bin:x:y');
  });

  it('goes into arrays and objects, and leaves keys and other types alone', () => {
    const value = { '${localEnv:HOME}': ['${localEnv:HOME}', 1, true, null, { a: '${devcontainerId}' }] };
    expect(substitute(value, context)).toEqual({
      '${localEnv:HOME}': ['/home/dev', 1, true, null, { a: 'abc' }],
    });
  });

  it('does not replace in what it has put in', () => {
    expect(substitute('${localEnv:A}', { localEnv: { A: '${localEnv:B}', B: 'no' } })).toBe('${localEnv:B}');
  });

  it.each(['${localEnv}', '${localEnv:}', '${localEnv::x}'])(
    'refuses %s, which names no variable',
    (text) => {
      expect(() => substitute(text, context)).toThrow(/names no environment variable/);
    },
  );
});

describe('devcontainerId', () => {
  it('is what the reference CLI computes, whatever the order of the labels', () => {
    const id = '1aeou2c5gvgjhqmuff4rs6d5d2ie6qj8ga4l7dk7ou7bq1m8np0v';
    const labels = { 'devcontainer.local_folder': '/p', 'devcontainer.config_file': '/p/.devcontainer.json' };
    const reversed = Object.fromEntries(Object.entries(labels).reverse());
    expect(devcontainerId(labels)).toBe(devcontainerId(reversed));
    expect(devcontainerId(labels)).toHaveLength(id.length);
    expect(devcontainerId(labels)).toMatch(/^[0-9a-v]{52}$/);
  });
});
