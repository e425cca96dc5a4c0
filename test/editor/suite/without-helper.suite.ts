import assert from 'node:assert/strict';
import * as vscode from 'vscode';

const id = 'berth.berth';

suite('without a helper', () => {
  test('the extension is cheap to activate', async () => {
    const extension = vscode.extensions.getExtension(id);
    assert.ok(extension);
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  test('every command of the manifest is registered', async () => {
    const manifest = vscode.extensions.getExtension(id)?.packageJSON as {
      contributes: { commands: { command: string }[] };
    };
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = manifest.contributes.commands.filter(({ command }) => !registered.has(command));
    assert.deepEqual(missing, []);
  });

  test('its views open and stay alive while nobody answers', async () => {
    await vscode.commands.executeCommand('workbench.view.extension.berth');
    await vscode.commands.executeCommand('berth.containers.focus');
    await vscode.commands.executeCommand('berth.refresh');
  });
});
