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

  test('a link that names no folder is refused, with a reason', async () => {
    await trustLinks();
    for (const [link, reason] of [
      ['/open?folder=relative/path', /is not an absolute path/],
      ['/open', /names no folder/],
      ['/run?command=x', /nothing that Berth can do/],
      ['/open?folder=/etc/hostname', /hostname is not a folder/],
      ['/open?folder=/nobody/has/this', /ENOENT/],
    ] as const) {
      const refused = logged(reason);
      await follow(link);
      await refused;
    }
  });

  test('a link to the folder of this window is opened in it, and asks the helper', async () => {
    const [here] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(here);
    const folder = vscode.Uri.joinPath(here.uri, '.devcontainer', 'devcontainer.json');
    await vscode.workspace.fs.writeFile(folder, Buffer.from('{ "image": "berth/debian-dev" }'));
    const asked = logged(/link: [^]*nobody\.sock/);
    await follow(`/open?folder=${encodeURIComponent(here.uri.fsPath)}`);
    await asked;
  });
});

/** Else the editor asks before it hands a link over. */
async function trustLinks(): Promise<void> {
  await vscode.workspace
    .getConfiguration('extensions')
    .update('confirmedUriHandlerExtensionIds', [id], vscode.ConfigurationTarget.Global);
  await vscode.commands.executeCommand('berth.showLog');
}

async function follow(link: string): Promise<void> {
  await vscode.commands.executeCommand(
    'vscode.open',
    vscode.Uri.parse(`${vscode.env.uriScheme}://${id}${link}`),
  );
}

/** Resolves when the extension's log, which is shown, gets a text like this. */
function logged(pattern: RegExp): Promise<void> {
  return new Promise((resolve) => {
    const listener = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (document.uri.scheme !== 'output') return;
      if (!contentChanges.some(({ text }) => pattern.test(text))) return;
      listener.dispose();
      resolve();
    });
  });
}
