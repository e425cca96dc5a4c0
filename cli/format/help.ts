/** What `--format` takes, for lists. */
export const formatHelp =
  "Format output using a custom template:\n'table': table with column headers (default)\n'table TEMPLATE': table using the given Go template\n'json': a JSON object a line\n'TEMPLATE': the given Go template";
