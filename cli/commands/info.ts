import type { Info } from '../../protocol/docker';
import { command } from '../command';
import { text } from '../command-line/flag';
import { compileTemplate } from '../format/template';
import { binarySize } from '../format/units';

function lines(info: Info, address: string): string[] {
  return [
    `Helper: ${address}`,
    ` Containers: ${info.Containers}`,
    `  Running: ${info.ContainersRunning}`,
    `  Paused: ${info.ContainersPaused}`,
    `  Stopped: ${info.ContainersStopped}`,
    ` Images: ${info.Images}`,
    ` Server Version: ${info.ServerVersion}`,
    ` Storage Driver: ${info.Driver}`,
    ...info.DriverStatus.map(([name, value]) => `  ${name}: ${value}`),
    ` Logging Driver: ${info.LoggingDriver}`,
    ` Cgroup Driver: ${info.CgroupDriver}`,
    ` Cgroup Version: ${info.CgroupVersion}`,
    ` Runtimes: ${Object.keys(info.Runtimes).join(' ')}`,
    ` Default Runtime: ${info.DefaultRuntime}`,
    ' Security Options:',
    ...info.SecurityOptions.map((option) => `  ${option.replace(/^name=/, '')}`),
    ` Kernel Version: ${info.KernelVersion}`,
    ` Operating System: ${info.OperatingSystem}`,
    ` OSType: ${info.OSType}`,
    ` Architecture: ${info.Architecture}`,
    ` CPUs: ${info.NCPU}`,
    ` Total Memory: ${binarySize(info.MemTotal)}`,
    ` Name: ${info.Name}`,
    ` ID: ${info.ID}`,
    ` Root Dir: ${info.DockerRootDir}`,
    ` Live Restore Enabled: ${info.LiveRestoreEnabled}`,
  ];
}

export const info = command({
  usage: '[OPTIONS]',
  aliases: ['system info', 'info'],
  flags: { format: text('string', "Format output using a custom template: 'json', or a Go template", 'f') },
  async run(context, { flags }) {
    const value = await context.client.info({ signal: context.signal });
    if (flags.format !== undefined) {
      const show = flags.format === 'json' ? JSON.stringify : compileTemplate(flags.format);
      context.out.write(`${show(value)}\n`);
      return 0;
    }
    context.out.write(`${lines(value, context.client.transport.describe()).join('\n')}\n`);
    for (const warning of value.Warnings ?? []) context.err.write(`${warning}\n`);
    return 0;
  },
});
