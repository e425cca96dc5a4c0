import { describe, expect, it } from 'vitest';
import { compileTemplate, fixedRow } from '../../../../cli/format/template';

const container = {
  Id: 'abc',
  Name: '/web',
  State: { Status: 'running', Running: true, ExitCode: 0, Pid: 42 },
  Config: { Env: ['A=1', 'B=2'], Labels: { 'com.example/x': 'y', z: '1' }, Cmd: null },
  Mounts: [{ Destination: '/a' }, { Destination: '/b' }],
  NetworkSettings: { Networks: { bridge: { IPAddress: '10.0.0.2' }, app: { IPAddress: '10.1.0.2' } } },
};

describe('a Go template', () => {
  it.each([
    ['{{.Id}} is {{.State.Status}}', 'abc is running'],
    ['{{json .State}}', '{"Status":"running","Running":true,"ExitCode":0,"Pid":42}'],
    ['{{.State | json}}', '{"Status":"running","Running":true,"ExitCode":0,"Pid":42}'],
    ['{{range .Mounts}}{{.Destination}} {{end}}', '/a /b '],
    [
      '{{range $name, $n := .NetworkSettings.Networks}}{{$name}}={{$n.IPAddress}};{{end}}',
      'app=10.1.0.2;bridge=10.0.0.2;',
    ],
    ['{{range $i, $m := .Mounts}}{{$i}}{{$m.Destination}}{{end}}', '0/a1/b'],
    ['{{index .Config.Labels "com.example/x"}}', 'y'],
    ['{{index .Config.Labels "none"}}.', '.'],
    ['{{index .Config.Env 1}}', 'B=2'],
    ['{{(index .Mounts 0).Destination}}', '/a'],
    ['{{if .State.Running}}up{{else}}down{{end}}', 'up'],
    ['{{if eq .State.Status "exited"}}a{{else if gt .State.Pid 41}}b{{else}}c{{end}}', 'b'],
    ['{{if and .State.Running (not .Config.Cmd)}}yes{{end}}', 'yes'],
    ['{{with .Config.Cmd}}has{{else}}has not{{end}}', 'has not'],
    ['{{with $x := .State}}{{$x.Pid}}{{end}}', '42'],
    ['{{$p := .State.Pid}}{{$p}}{{$.Id}}', '42abc'],
    ['{{join .Config.Env ","}}', 'A=1,B=2'],
    ['{{.Config.Env}} {{.Config.Labels}}', '[A=1 B=2] map[com.example/x:y z:1]'],
    ['{{len .Mounts}} {{upper .Id}} {{printf "%-5s|%03d|%q" .Id 7 "q"}}', '2 ABC abc  |007|"q"'],
    ['{{.Nothing}} {{.Config.Cmd}}', '<no value> <nil>'],
    ['a {{- " b " -}} c', 'a b c'],
    ['{{/* nothing */}}x', 'x'],
    ['{{"}}"}}', '}}'],
    ['{{.Id}}\\t{{.Name}}', 'abc\t/web'],
    ['{{println "a" 1}}', 'a 1\n'],
  ])('%s', (template, expected) => {
    expect(compileTemplate(template)(container)).toBe(expected);
  });

  it.each([
    '{{.Id',
    '{{range .Mounts}}',
    '{{end}}',
    '{{else}}',
    '{{.Id | }}',
    '{{(.Id}}',
    '{{%}}',
    '{{if}}{{end}}',
  ])('that is broken is refused: %s', (template) =>
    expect(() => compileTemplate(template)).toThrow(expect.objectContaining({ name: 'TemplateError' })),
  );

  it('tells of unknown functions, and of fields that a list’s row does not have', () => {
    expect(() => compileTemplate('{{frob .Id}}')(container)).toThrow('function "frob" not defined');
    expect(() => compileTemplate('{{constructor .Id}}')(container)).toThrow('not defined');
    expect(() => compileTemplate('{{.Nmae}}')(fixedRow({ Name: 'x' }))).toThrow("can't evaluate field Nmae");
    expect(() => compileTemplate('{{.Id.x}}')(container)).toThrow("can't evaluate field x");
  });
});
