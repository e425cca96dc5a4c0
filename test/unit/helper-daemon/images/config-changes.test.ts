import { describe, expect, test } from 'vitest';
import { applyChanges } from '../../../../helper-daemon/images/config-changes';

const apply = (...changes: string[]) => applyChanges({}, changes);

test('commands: JSON is taken as it is, anything else goes to a shell', () => {
  expect(apply('CMD ["a", "b c"]').Cmd).toEqual(['a', 'b c']);
  expect(apply('cmd echo $HOME').Cmd).toEqual(['/bin/sh', '-c', 'echo $HOME']);
  expect(apply('ENTRYPOINT ["/x"]', 'CMD ["y"]')).toEqual({ Entrypoint: ['/x'], Cmd: ['y'] });
  expect(apply('CMD ["a", 1]').Cmd).toEqual(['/bin/sh', '-c', '["a", 1]']);
});

test('environment and labels: several at once, quoted, replaced, and the old form', () => {
  expect(apply('ENV A=1 B="two words" C=a\\ b', 'ENV A=2').Env).toEqual(['A=2', 'B=two words', 'C=a b']);
  expect(apply('ENV PATH /bin:/usr/bin').Env).toEqual(['PATH=/bin:/usr/bin']);
  expect(apply("LABEL a.b='x y' c=").Labels).toEqual({ 'a.b': 'x y', c: '' });
  expect(apply('ENV A=x=y').Env).toEqual(['A=x=y']);
});

test('the others', () => {
  expect(
    apply(
      'EXPOSE 80 53/udp',
      'VOLUME ["/a", "/b"]',
      'VOLUME /c',
      'USER 1000:1000',
      'WORKDIR /srv',
      'WORKDIR app',
      'STOPSIGNAL SIGINT',
    ),
  ).toEqual({
    ExposedPorts: { '80/tcp': {}, '53/udp': {} },
    Volumes: { '/a': {}, '/b': {}, '/c': {} },
    User: '1000:1000',
    WorkingDir: '/srv/app',
    StopSignal: 'SIGINT',
  });
});

describe('refused, with what is possible', () => {
  test.each(['RUN rm -rf /', 'COPY a b', 'CMD', 'ENV A', 'EXPOSE http', 'nonsense', 'LABEL =x'])(
    '%s',
    (change) => {
      expect(() => apply(change)).toThrow('a change is one of CMD');
    },
  );
});
