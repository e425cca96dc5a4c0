import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { extensionId } from '../../../core/editor/open-uri';
import { commandTable } from '../../../extension/command-table';

const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const manifest = read('package.json') as {
  name: string;
  publisher: string;
  activationEvents: string[];
  contributes: {
    commands: { command: string }[];
    menus: Record<string, { command: string; when?: string }[]>;
    views: Record<string, { id: string }[]>;
    viewsWelcome: { view: string; contents: string }[];
    configuration: { properties: Record<string, { scope: string }> };
  };
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
};
const { commands, menus, views, viewsWelcome, configuration } = manifest.contributes;
const ids = commands.map(({ command }) => command);

describe('the manifest', () => {
  test('declares exactly the commands that have a handler', () => {
    expect(ids.toSorted()).toEqual(Object.keys(commandTable).toSorted());
  });

  test('puts only declared commands into menus', () => {
    const used = Object.values(menus).flatMap((entries) => entries.map(({ command }) => command));
    expect(used.filter((command) => !ids.includes(command))).toEqual([]);
  });

  test('points its welcome texts at views and commands that exist', () => {
    const texts = read('package.nls.json') as Record<string, string>;
    const known = Object.values(views).flatMap((list) => list.map(({ id }) => id));
    for (const { view, contents } of viewsWelcome) {
      expect(known).toContain(view);
      const text = texts[contents.slice(1, -1)] ?? '';
      expect(text).not.toBe('');
      for (const [, command] of text.matchAll(/\(command:([\w.]+)\)/g)) expect(ids).toContain(command);
    }
  });

  test('takes links to the extension by the name that the command line uses, before and after a window opens', () => {
    expect(`${manifest.publisher}.${manifest.name}`).toBe(extensionId);
    expect(manifest.activationEvents).toEqual(['onUri', 'onStartupFinished']);
  });

  test('has a text for each key, and no text without a key', () => {
    const used = [...JSON.stringify(manifest).matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key);
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(read('package.nls.json') as object).toSorted());
  });

  test('restricts every setting that could run something in an untrusted workspace', () => {
    const machine = Object.entries(configuration.properties).filter(([, { scope }]) =>
      scope.startsWith('machine'),
    );
    expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations).toEqual(
      machine.map(([name]) => name),
    );
  });
});
