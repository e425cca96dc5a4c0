import { describe, expect, it } from 'vitest';
import { parseRunArguments } from '../../../../core/devcontainer/run-arguments';

const context = { folder: '/home/dev/p', localEnv: { HOME: '/home/dev', HERE: 'yes' } };
const parse = (...words: string[]) => parseRunArguments(words, context);

describe('parseRunArguments', () => {
  it.each([
    [['--memory=512m'], { Memory: 536870912 }],
    [['--memory', '1.5g'], { Memory: 1610612736 }],
    [['-m2g'], { Memory: 2147483648 }],
    [['-m', '100'], { Memory: 100 }],
    [['--memory-swap=-1'], { MemorySwap: -1 }],
    [['--cpus', '0.5'], { NanoCpus: 500000000 }],
    [['--pids-limit', '100'], { PidsLimit: 100 }],
    [['--shm-size=1g'], { ShmSize: 1073741824 }],
    [['--network', 'host'], { NetworkMode: 'host' }],
    [['--net=none'], { NetworkMode: 'none' }],
    [
      ['--cap-add=SYS_PTRACE', '--cap-add', 'NET_ADMIN', '--cap-drop', 'MKNOD'],
      { CapAdd: ['SYS_PTRACE', 'NET_ADMIN'], CapDrop: ['MKNOD'] },
    ],
    [['--security-opt', 'seccomp=unconfined'], { SecurityOpt: ['seccomp=unconfined'] }],
    [['--privileged', '--init=false'], { Privileged: true, Init: false }],
    [
      ['--device=/dev/fuse'],
      { Devices: [{ PathOnHost: '/dev/fuse', PathInContainer: '/dev/fuse', CgroupPermissions: 'rwm' }] },
    ],
    [
      ['--device', '/dev/kvm:/dev/x:r'],
      { Devices: [{ PathOnHost: '/dev/kvm', PathInContainer: '/dev/x', CgroupPermissions: 'r' }] },
    ],
    [
      ['--device', '/dev/kvm:rw'],
      { Devices: [{ PathOnHost: '/dev/kvm', PathInContainer: '/dev/kvm', CgroupPermissions: 'rw' }] },
    ],
    [
      ['--ulimit', 'nofile=1024:2048', '--ulimit=nproc=5'],
      {
        Ulimits: [
          { Name: 'nofile', Soft: 1024, Hard: 2048 },
          { Name: 'nproc', Soft: 5, Hard: 5 },
        ],
      },
    ],
    [
      ['-v', './data:/data:ro', '--volume', 'cache:/c', '-v=/abs:/a', '-v', '/anonymous'],
      { Binds: ['/home/dev/p/data:/data:ro', 'cache:/c', '/abs:/a', '/anonymous'] },
    ],
    [['--mount', 'type=tmpfs,target=/t'], { Mounts: [{ Type: 'tmpfs', Target: '/t' }] }],
    [['--tmpfs', '/run:size=64m', '--tmpfs=/x'], { Tmpfs: { '/run': 'size=64m', '/x': '' } }],
    [['--gpus', 'all'], { DeviceRequests: [{ Count: -1, Capabilities: [['gpu']] }] }],
    [
      ['--gpus', '"device=0,1",capabilities=utility'],
      { DeviceRequests: [{ DeviceIDs: ['0', '1'], Capabilities: [['gpu', 'utility']] }] },
    ],
    [
      ['--add-host=db:10.0.0.1', '--dns', '1.1.1.1', '--dns-opt', 'ndots:2'],
      { ExtraHosts: ['db:10.0.0.1'], Dns: ['1.1.1.1'], DnsOptions: ['ndots:2'] },
    ],
    [['--sysctl', 'net.core.somaxconn=1024'], { Sysctls: { 'net.core.somaxconn': '1024' } }],
    [['--restart=on-failure:3'], { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } }],
    [
      ['--ipc=private', '--pid', 'private', '--cgroupns=private', '--userns', 'host', '--uts=host'],
      {
        IpcMode: 'private',
        PidMode: 'private',
        CgroupnsMode: 'private',
        UsernsMode: 'host',
        UTSMode: 'host',
      },
    ],
    [['--read-only', '--rm'], { ReadonlyRootfs: true, AutoRemove: true }],
  ])('%j', (words, expected) => {
    expect(parse(...words).host).toEqual(expected);
  });

  it.each([
    [['--user', 'node', '-u', 'root'], { User: 'root' }],
    [['-e', 'A=1', '--env', 'HERE', '--env=GONE', '-eB=x=y'], { Env: ['A=1', 'HERE=yes', 'B=x=y'] }],
    [['--hostname=box', '--domainname', 'lan'], { Hostname: 'box', Domainname: 'lan' }],
    [['-l', 'a=b', '--label=c'], { Labels: { a: 'b', c: '' } }],
    [['-it', '-w/work'], { Tty: true, WorkingDir: '/work' }],
    [['--stop-signal', 'SIGINT', '--stop-timeout=3'], { StopSignal: 'SIGINT', StopTimeout: 3 }],
    [['--entrypoint', '/x', '--sig-proxy=false', '-d'], {}],
    [['--expose', '80'], { ExposedPorts: { '80/tcp': {} } }],
  ])('%j', (words, expected) => {
    expect(parse(...words).config).toEqual(expected);
  });

  it('publishes ports', () => {
    const { config, host } = parse('-p', '127.0.0.1:8080:80', '-p8443-8444:443-444/tcp', '--publish=53/udp');
    expect(host.PortBindings).toEqual({
      '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }],
      '443/tcp': [{ HostIp: '', HostPort: '8443' }],
      '444/tcp': [{ HostIp: '', HostPort: '8444' }],
      '53/udp': [{ HostIp: '', HostPort: '' }],
    });
    expect(Object.keys(config.ExposedPorts ?? {})).toEqual(['80/tcp', '443/tcp', '444/tcp', '53/udp']);
  });

  it('keeps what belongs to neither body', () => {
    const options = parse(
      '--name',
      'box',
      '--platform=linux/arm64',
      '--network-alias=a',
      '--ip',
      '172.30.0.5',
    );
    expect(options).toMatchObject({
      name: 'box',
      platform: 'linux/arm64',
      endpoint: { Aliases: ['a'], IPAMConfig: { IPv4Address: '172.30.0.5' } },
    });
  });

  it.each([
    [['--uidmap', '0:1:2'], '--uidmap'],
    [['--memory'], '--memory'],
    [['--memory', 'much'], 'much'],
    [['-z'], '-z'],
    [['stray'], 'stray'],
    [['--cpus', '1,5'], '1,5'],
    [['-p', '70000:80'], '70000:80'],
    [['-p', '1-3:80'], '1-3:80'],
    [['--privileged=perhaps'], 'perhaps'],
    [['--constructor', 'x'], '--constructor'],
  ])('refuses %j and names it', (words, named) => {
    expect(() => parse(...words)).toThrow(named);
    expect(() => parse(...words)).toThrow(expect.objectContaining({ problem: 'bad-run-argument' }));
  });
});
