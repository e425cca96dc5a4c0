import { describe, expect, it } from 'vitest';
import { containerRequest } from '../../../../core/devcontainer/container-body';
import type { Configuration } from '../../../../core/devcontainer/configuration';
import { mergeMetadata, metadataEntry } from '../../../../core/devcontainer/metadata';

function request(configuration: Configuration, imageConfig = {}) {
  return containerRequest({
    image: 'debian:12',
    imageConfig,
    merged: mergeMetadata(configuration, [metadataEntry(configuration)]),
    workspaceMount: 'type=bind,source=/home/dev/p,target=/workspaces/p',
    identity: { 'devcontainer.local_folder': '/home/dev/p' },
    metadata: '[]',
    fingerprint: '{}',
    editor: { source: '/cache/editor', target: '/opt/berth/editor' },
    context: { folder: '/home/dev/p', localEnv: {} },
  });
}

describe('containerRequest', () => {
  it('puts everything where the engine wants it', () => {
    const { body, name } = request({
      containerEnv: { A: '1', B: '1' },
      containerUser: 'node',
      remoteUser: 'vscode',
      mounts: [{ type: 'volume', source: 'v', target: '/v' }],
      init: true,
      capAdd: ['SYS_PTRACE'],
      appPort: [8080, '9000:90'],
      runArgs: [
        '--name',
        'box',
        '-e',
        'B=2',
        '--memory=64m',
        '--cap-add=SYS_PTRACE',
        '--label',
        'x=y',
        '--network-alias=web',
      ],
    });
    expect(name).toBe('box');
    expect(body).toMatchObject({
      Image: 'debian:12',
      User: 'node',
      OpenStdin: true,
      Entrypoint: ['/bin/sh'],
      Env: ['A=1', 'B=2'],
      Labels: {
        'devcontainer.local_folder': '/home/dev/p',
        'devcontainer.metadata': '[]',
        'berth.configuration': '{}',
        x: 'y',
      },
      ExposedPorts: { '8080/tcp': {}, '90/tcp': {} },
      HostConfig: {
        Memory: 67108864,
        Init: true,
        CapAdd: ['SYS_PTRACE'],
        Annotations: { 'berth.bind-user': 'vscode' },
        PortBindings: {
          '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }],
          '90/tcp': [{ HostIp: '', HostPort: '9000' }],
        },
        Mounts: [
          { Type: 'bind', Source: '/home/dev/p', Target: '/workspaces/p' },
          { Type: 'volume', Source: 'v', Target: '/v' },
          { Type: 'bind', Source: '/cache/editor', Target: '/opt/berth/editor', ReadOnly: true },
        ],
      },
      NetworkingConfig: { EndpointsConfig: { bridge: { Aliases: ['web'] } } },
    });
  });

  it.each([
    [{}, {}, 'root', 'root'],
    [{}, { User: 'image' }, 'image', 'image'],
    [{ containerUser: 'c' }, { User: 'image' }, 'c', 'c'],
    [{ containerUser: 'c', runArgs: ['--user', 'r'] }, {}, 'r', 'r'],
    [{ containerUser: 'c', remoteUser: 'd' }, {}, 'c', 'd'],
  ])('%j in an image with %j: process %s, developer %s', (configuration, imageConfig, container, remote) => {
    const { containerUser, remoteUser, body } = request(configuration, imageConfig);
    expect([containerUser, remoteUser]).toEqual([container, remote]);
    expect(body.HostConfig?.Annotations).toEqual({ 'berth.bind-user': remote });
  });

  it('keeps the image’s command only if it must not be overridden', () => {
    const image = { Entrypoint: ['/entry'], Cmd: ['serve'] };
    expect(request({}, image).body.Cmd?.slice(2)).toEqual(['-']);
    expect(request({ overrideCommand: false }, image).body.Cmd?.slice(2)).toEqual(['-', '/entry', 'serve']);
  });
});
