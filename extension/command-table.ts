import type { Workbench } from './workbench';

/** What a command file exports. The arguments are the editor's: for a menu the node, then the whole selection. */
export interface CommandModule {
  run(workbench: Workbench, ...args: readonly unknown[]): Promise<void>;
}

/**
 * Every command of the extension. A command's code is evaluated when it first runs, so that activation stays cheap
 * (`webpackMode: "eager"` keeps it in the one bundle). A unit test compares the keys with package.json.
 */
export const commandTable = {
  'berth.reopenInContainer': () => import(/* webpackMode: "eager" */ './commands/reopen-in-container'),
  'berth.openFolderInContainer': () =>
    import(/* webpackMode: "eager" */ './commands/open-folder-in-container'),
  'berth.pullImage': () => import(/* webpackMode: "eager" */ './commands/pull-image'),
  'berth.runImage': () => import(/* webpackMode: "eager" */ './commands/run-image'),
  'berth.startContainer': () => import(/* webpackMode: "eager" */ './commands/start-container'),
  'berth.stopContainer': () => import(/* webpackMode: "eager" */ './commands/stop-container'),
  'berth.removeContainer': () => import(/* webpackMode: "eager" */ './commands/remove-container'),
  'berth.removeImage': () => import(/* webpackMode: "eager" */ './commands/remove-image'),
  'berth.viewLogs': () => import(/* webpackMode: "eager" */ './commands/view-logs'),
  'berth.openTerminal': () => import(/* webpackMode: "eager" */ './commands/open-terminal'),
  'berth.startHelper': () => import(/* webpackMode: "eager" */ './commands/start-helper'),
  'berth.refresh': () => import(/* webpackMode: "eager" */ './commands/refresh'),
  'berth.showLog': () => import(/* webpackMode: "eager" */ './commands/show-log'),
} satisfies Record<string, () => Promise<CommandModule>>;

export type CommandId = keyof typeof commandTable;
