/**
 * The fields of a docker `--mount` or `--gpus` value: comma-separated, a field in double quotes may hold commas
 * and doubled quotes (RFC 4180). An unclosed quote runs to the end.
 */
export function commaFields(text: string): string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? '';
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[index + 1] === '"') field += text[++index] ?? '';
      else quoted = false;
    } else if (character === '"' && field === '') quoted = true;
    else if (character === ',') {
      fields.push(field);
      field = '';
    } else field += character;
  }
  return [...fields, field];
}
