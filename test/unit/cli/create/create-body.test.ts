import { describe, expect, it } from 'vitest';
import { attachmentOf, createBody } from '../../../../cli/create/body';
import { createFlags } from '../../../../cli/create/flags';
import { parseLine } from '../../../../cli/command-line/parse';
import { containerCreate } from '../../../../protocol/docker';

function body(line: string) {
  const { values, positional } = parseLine(createFlags, line.split(' '), false);
  const [image = '', ...words] = positional;
  const made = createBody(values, image, words, attachmentOf(values, false), { HOST: 'from-me' });
  // As the helper reads it: through JSON and the wire's own schema.
  return containerCreate.parse(JSON.parse(JSON.stringify(made)));
}

describe('a command line as a create body', () => {
  it('is short for a short line', () => {
    const made = body('busybox');
    expect(made).toMatchObject({
      Image: 'busybox',
      AttachStdout: true,
      AttachStdin: false,
      Tty: false,
      OpenStdin: false,
    });
    expect(made.Cmd).toBeUndefined();
    expect(made.Entrypoint).toBeUndefined();
    expect(made.HostConfig).toMatchObject({
      AutoRemove: false,
      NetworkMode: 'default',
      RestartPolicy: { Name: 'no' },
    });
    expect(made.HostConfig?.Memory).toBeUndefined();
  });

  it('has everything that was asked for', () => {
    const made = body(
      '-it --rm -e A=1 -e HOST -w /src -u 1000:1000 -h box --label a=b --memory 64m --cpus 0.5 --pids-limit 20 ' +
        '-p 127.0.0.1:8080:80 -p 9000 --expose 7000/udp -v data:/d -v /anon --tmpfs /run:size=1m ' +
        '--mount type=bind,source=/srv,target=/srv --cap-add sys_ptrace --cap-drop ALL --security-opt no-new-privileges ' +
        '--ulimit nofile=10:20 --add-host db:10.0.0.1 --dns 9.9.9.9 --shm-size 1m --init --privileged --entrypoint sh ' +
        '--stop-timeout 3 --network app --network-alias web --read-only --restart no --gpus all img -c true',
    );
    expect(made).toMatchObject({
      Hostname: 'box',
      User: '1000:1000',
      Tty: true,
      OpenStdin: true,
      StdinOnce: true,
      Env: ['A=1', 'HOST=from-me'],
      Cmd: ['-c', 'true'],
      Entrypoint: ['sh'],
      WorkingDir: '/src',
      Labels: { a: 'b' },
      StopTimeout: 3,
      ExposedPorts: { '80/tcp': {}, '9000/tcp': {}, '7000/udp': {} },
      Volumes: { '/anon': {} },
      HostConfig: {
        AutoRemove: true,
        Memory: 64 << 20,
        NanoCpus: 500_000_000,
        PidsLimit: 20,
        Binds: ['data:/d'],
        Tmpfs: { '/run': 'size=1m' },
        Mounts: [{ Type: 'bind', Source: '/srv', Target: '/srv' }],
        PortBindings: {
          '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }],
          '9000/tcp': [{ HostIp: '', HostPort: '' }],
        },
        CapAdd: ['CAP_SYS_PTRACE'],
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        Ulimits: [{ Name: 'nofile', Soft: 10, Hard: 20 }],
        ExtraHosts: ['db:10.0.0.1'],
        Dns: ['9.9.9.9'],
        ShmSize: 1 << 20,
        Init: true,
        Privileged: true,
        ReadonlyRootfs: true,
        NetworkMode: 'app',
        DeviceRequests: [{ Count: -1, Capabilities: [['gpu']] }],
      },
      NetworkingConfig: { EndpointsConfig: { app: { Aliases: ['web'] } } },
    });
  });

  it('joins several networks, in the long form as well', () => {
    const made = body('--network a --network name=b,alias=x,alias=y img');
    expect(made.HostConfig?.NetworkMode).toBe('a');
    expect(made.NetworkingConfig?.EndpointsConfig).toEqual({ a: {}, b: { Aliases: ['x', 'y'] } });
  });

  it('has a health check only when one is described', () => {
    expect(body('--health-cmd true --health-interval 5s img').Healthcheck).toMatchObject({
      Test: ['CMD-SHELL', 'true'],
      Interval: 5e9,
    });
    expect(body('--no-healthcheck img').Healthcheck).toEqual({ Test: ['NONE'] });
  });

  it('attaches the streams that are named', () => {
    expect(body('-i -a stdin -a stderr img')).toMatchObject({
      AttachStdin: true,
      AttachStdout: false,
      AttachStderr: true,
    });
    expect(() => body('-a stdwhat img')).toThrow('valid streams are');
  });

  it('refuses what contradicts itself', () => {
    expect(() => body('--rm --restart always img')).toThrow('--restart and --rm');
    expect(() => body('--cpus 1 --cpu-quota 100 img')).toThrow('--cpus stands for');
  });
});
