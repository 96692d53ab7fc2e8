import { tmpdir } from 'node:os'
import { root } from './collect-messages.ts'

/** What differs from run to run or from machine to machine, and what stands for it. */
const FIXED_WORDS: readonly (readonly [changing: RegExp | string, fixed: string])[] = [
  [root, '/project'],
  [new RegExp(String.raw`${tmpdir()}/[^\s",:)]*`, 'g'), '/tmp/folder'],
  [/(?<=127\.0\.0\.1:|localhost:)\d{4,5}/g, '8080'],
  [/(?<=\bPort )\d{4,5}(?= of )/g, '8080'],
  [/(?<=:secret:[\w-]+-)[A-Za-z0-9]{6}\b/g, 'AbCdEf'],
  [/(?<=The signed URL has )\d+/g, '5000'],
  [/\b20\d{6}(?=\/[a-z]{2}-)/g, '20270131'],
  [/\b[0-9a-f]{64}\b/g, '0'.repeat(64)],
  // A property of random origins produces it.
  [/(?<=Requests to )(?!https:)\S+(?= are not allowed)/g, 'https://other.example'],
  // The canonical request and the string to sign.
  [/(?<=should have been\n')[^']*(?=')/g, '…'],
  [/\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '2027-01-31T12:00:00.000Z'],
  [/\b20\d{6}T\d{6}Z/g, '20270131T120000Z'],
  [/(?<=\b[a-z]{2}-[a-z]+-\d_)[A-Za-z0-9]{9}\b/g, 'AbCdEf123'],
  [/(?<=:execute-api:[a-z0-9-]+:\d{12}:)[a-z0-9]{10}(?=\/)/g, 'abc123'],
  [/\b(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{26}\b/g, '1example23456789'],
  [/\bv?24\.\d+\.\d+\b/g, '24.0.0'],
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '00000000-0000-0000-0000-000000000000'],
]

/** The same text with fixed words for ports, folders, times and random IDs. */
export function withFixedWords(text: string): string {
  let fixed = text
  for (const [changing, word] of FIXED_WORDS) fixed = fixed.replaceAll(changing, word)
  return fixed
}
