import { describe, expect, it } from 'vitest';
import {
  mergeMetadata,
  metadataEntry,
  parseMetadataLabel,
  updatableEntry,
} from '../../../../core/devcontainer/metadata';

describe('mergeMetadata', () => {
  it('unites by the rules of the specification, the last source winning', () => {
    const merged = mergeMetadata(
      { name: 'n', image: 'i', runArgs: ['--init'], remoteUser: 'gone', 'x-mine': 1 },
      [
        {
          remoteUser: 'base',
          containerUser: 'root',
          init: true,
          overrideCommand: true,
          capAdd: ['SYS_PTRACE'],
          mounts: ['source=a,target=/a', { type: 'volume', source: 'b', target: '/b' }],
          containerEnv: { A: '1', B: '1' },
          remoteEnv: { C: '1' },
          postCreateCommand: 'one',
          forwardPorts: [3000, 'localhost:4000'],
          portsAttributes: { '3000': { label: 'web', onAutoForward: 'silent' } },
          customizations: { vscode: { extensions: ['x'] } },
          waitFor: 'postCreateCommand',
        },
        {
          id: 'feature',
          privileged: true,
          entrypoint: '/init.sh',
          capAdd: ['SYS_PTRACE', 'NET_ADMIN'],
          postCreateCommand: ['two'],
        },
        {
          remoteUser: 'dev',
          overrideCommand: false,
          mounts: ['type=bind,source=/x,target=/a'],
          containerEnv: { B: '2' },
          remoteEnv: { C: null },
          postCreateCommand: { three: 'three' },
          forwardPorts: [4000, 'db:5432'],
          portsAttributes: { '3000': { label: 'site' } },
          customizations: { vscode: { settings: {} } },
        },
      ],
    );
    expect(merged).toEqual({
      name: 'n',
      image: 'i',
      runArgs: ['--init'],
      'x-mine': 1,
      init: true,
      privileged: true,
      capAdd: ['SYS_PTRACE', 'NET_ADMIN'],
      entrypoints: ['/init.sh'],
      mounts: [{ type: 'volume', source: 'b', target: '/b' }, 'type=bind,source=/x,target=/a'],
      customizations: { vscode: [{ extensions: ['x'] }, { settings: {} }] },
      onCreateCommands: [],
      updateContentCommands: [],
      postCreateCommands: ['one', ['two'], { three: 'three' }],
      postStartCommands: [],
      postAttachCommands: [],
      waitFor: 'postCreateCommand',
      remoteUser: 'dev',
      containerUser: 'root',
      overrideCommand: false,
      containerEnv: { A: '1', B: '2' },
      remoteEnv: { C: null },
      portsAttributes: { '3000': { label: 'site' } },
      forwardPorts: [3000, 4000, 'db:5432'],
    });
  });
});

describe('parseMetadataLabel', () => {
  it('takes an array, one object, and nothing', () => {
    expect(parseMetadataLabel('[{"remoteUser":"a"},{"id":"f"}]', 'x')).toEqual([
      { remoteUser: 'a' },
      { id: 'f' },
    ]);
    expect(parseMetadataLabel('{"remoteUser":"a"}', 'x')).toEqual([{ remoteUser: 'a' }]);
    expect(parseMetadataLabel(undefined, 'x')).toEqual([]);
  });

  it.each(['{', '[1]', '{"mounts": 5}'])('says whose label is broken: %s', (label) => {
    expect(() => parseMetadataLabel(label, 'debian:12')).toThrow(/debian:12/);
  });
});

describe('metadataEntry', () => {
  it('holds what is merged, as it is written', () => {
    const configuration = {
      image: 'i',
      name: 'n',
      runArgs: ['-it'],
      remoteUser: '${localEnv:USER}',
      remoteEnv: { A: null },
    };
    expect(metadataEntry(configuration)).toEqual({ remoteUser: '${localEnv:USER}', remoteEnv: { A: null } });
    expect(updatableEntry({ ...configuration, mounts: ['x'] })).toEqual({
      remoteUser: '${localEnv:USER}',
      remoteEnv: { A: null },
    });
  });
});
