import { EngineUnavailableError } from '../../core/error';
import { apiVersion } from '../../core/engine/api-version';
import type { Version } from '../../protocol/docker';
import { command } from '../command';
import { text, toggle } from '../command-line/flag';
import { twoColumns } from '../command-line/usage';
import { compileTemplate } from '../format/template';
import { clientVersion } from '../product';

const client = {
  Version: clientVersion,
  ApiVersion: apiVersion,
  NodeVersion: process.versions.node,
  Os: process.platform,
  Arch: process.arch === 'x64' ? 'amd64' : process.arch,
};

function serverLines(server: Version): string {
  return twoColumns([
    ['Engine:', server.Platform.Name],
    ['Version:', server.Version],
    ['API version:', `${server.ApiVersion} (minimum version ${server.MinAPIVersion})`],
    ['Git commit:', server.GitCommit],
    ['OS/Arch:', `${server.Os}/${server.Arch}`],
    ['Kernel:', server.KernelVersion],
  ]);
}

export const version = command({
  usage: '[OPTIONS]',
  flags: {
    client: toggle('Show the client only, without asking the helper'),
    format: text('string', "Format output using a custom template: 'json', or a Go template", 'f'),
  },
  async run(context, { flags }) {
    let server: Version | undefined;
    let missing: EngineUnavailableError | undefined;
    try {
      if (!flags.client) server = await context.client.version({ signal: context.signal });
    } catch (error) {
      if (!(error instanceof EngineUnavailableError)) throw error;
      missing = error;
    }
    if (flags.format !== undefined) {
      const value = { Client: client, Server: server ?? null };
      const show = flags.format === 'json' ? JSON.stringify : compileTemplate(flags.format);
      context.out.write(`${show(value)}\n`);
    } else {
      context.out.write(
        `Client: Berth\n${twoColumns([
          ['Version:', client.Version],
          ['API version:', client.ApiVersion],
          ['Node version:', client.NodeVersion],
          ['OS/Arch:', `${client.Os}/${client.Arch}`],
        ])}\n`,
      );
      if (server !== undefined)
        context.out.write(
          `\nServer: the helper at ${context.client.transport.describe()}\n${serverLines(server)}\n`,
        );
    }
    if (missing !== undefined) {
      context.err.write(`berth: ${missing.explain()}\n`);
      return 1;
    }
    return 0;
  },
});
