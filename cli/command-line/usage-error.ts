/** The command line itself is wrong. Printed with the command's usage line; `exitCode` as docker's: 125 for flags, 1 for arguments. */
export class UsageError extends Error {
  constructor(
    message: string,
    readonly exitCode: 1 | 125,
  ) {
    super(message);
    this.name = 'UsageError';
  }
}
