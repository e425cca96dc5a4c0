/** Names of containers: which are allowed, and one for whoever does not care. */
import { randomInt } from 'node:crypto';
import { EngineError } from '../error';

const allowed = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const maxLength = 255;

const qualities = [
  'amber',
  'ample',
  'brisk',
  'calm',
  'candid',
  'clear',
  'cosy',
  'crisp',
  'deft',
  'eager',
  'even',
  'fair',
  'fleet',
  'fond',
  'frank',
  'fresh',
  'gentle',
  'glad',
  'hale',
  'hardy',
  'jolly',
  'keen',
  'kind',
  'lively',
  'lucid',
  'mellow',
  'merry',
  'mild',
  'neat',
  'noble',
  'patient',
  'plain',
  'polite',
  'proud',
  'quick',
  'quiet',
  'ready',
  'serene',
  'sharp',
  'silent',
  'smooth',
  'snug',
  'sound',
  'spry',
  'stable',
  'steady',
  'stout',
  'sunny',
  'swift',
  'tidy',
  'true',
  'upbeat',
  'vivid',
  'warm',
  'wise',
  'witty',
] as const;
const craft = [
  'barge',
  'bark',
  'brig',
  'canoe',
  'caravel',
  'carrack',
  'catboat',
  'clipper',
  'cog',
  'coracle',
  'corvette',
  'cutter',
  'dhow',
  'dinghy',
  'dory',
  'felucca',
  'ferry',
  'frigate',
  'galleon',
  'galley',
  'gondola',
  'hooker',
  'hulk',
  'junk',
  'kayak',
  'ketch',
  'launch',
  'lighter',
  'longship',
  'lugger',
  'packet',
  'pinnace',
  'pirogue',
  'prau',
  'punt',
  'raft',
  'sampan',
  'schooner',
  'scow',
  'shallop',
  'skiff',
  'sloop',
  'smack',
  'tender',
  'trawler',
  'trimaran',
  'tug',
  'umiak',
  'wherry',
  'whaler',
  'xebec',
  'yacht',
  'yawl',
  'yole',
] as const;

/** @returns the name without a leading slash. @throws EngineError 400 in Docker's words */
export function checkName(name: string): string {
  const bare = name.startsWith('/') ? name.slice(1) : name;
  if (!allowed.test(bare) || bare.length > maxLength) {
    throw new EngineError(
      400,
      'bad-name',
      `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
    );
  }
  return bare;
}

/** A quality and a craft that berths; a number is added once the plain ones are taken. */
export function generateName(taken: (name: string) => boolean): string {
  for (let attempt = 0; ; attempt += 1) {
    const plain = `${pick(qualities)}_${pick(craft)}`;
    const name =
      attempt < 20 ? plain : `${plain}${randomInt(10 ** Math.min(9, 1 + Math.floor(attempt / 20)))}`;
    if (!taken(name)) return name;
  }
}

function pick(words: readonly string[]): string {
  return words[randomInt(words.length)] ?? 'berth';
}
