import { expect, it } from 'vitest';
import { changedProperties, fingerprint } from '../../../../core/devcontainer/drift';

const before = { image: 'a', mounts: ['x'], remoteUser: 'dev', name: 'n' };

it('names what has changed of what shapes a container', () => {
  const label = fingerprint(before);
  expect(changedProperties(label, before)).toEqual([]);
  expect(changedProperties(label, { ...before, name: 'm', remoteUser: 'root', forwardPorts: [1] })).toEqual(
    [],
  );
  expect(changedProperties(label, { image: 'b', runArgs: ['-it'] })).toEqual(['image', 'runArgs', 'mounts']);
});

it('knows nothing of containers that others made', () => {
  expect(changedProperties(undefined, before)).toEqual([]);
});
