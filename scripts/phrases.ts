/** Each phrase that the style of this repository replaces, and what to write. A phrase that may be right is not in the list. */
export const PHRASES: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/(?<!\bthere )\bis no (?!longer\b|more\b|less\b|different\b|need\b)(?=[a-z])/gi, 'is not a …'],
  [/\bwhat is none\b/gi, 'anything else'],
  [/\banew\b/gi, 'again'],
  [/\b(?:is|are) looked at\b/gi, 'is read'],
  [/\bheld against\b/gi, 'is checked against'],
  [/\b(?:is|are) told\b/gi, 'is notified, receives'],
  [/\bhears? of\b/gi, 'is notified of'],
  [/(?:\/\*\*|^\s*\*) (?:Gives|Makes|Says|Tells)\b/gm, 'Returns, Creates, Describes'],
  [/\bleft out,/gi, 'Defaults to …'],
  [/\bnothing where\b/gi, '`undefined` if …'],
  [/\bcannot be meant\b/gi, 'is invalid'],
  [
    /\bthe one before\b|\b(?:the|those|that|data) (?:ones )?(?:of )?before(?=[.,;:)]|$)/gim,
    'the previous one',
  ],
  [/\bmeanwhile\b/gi, 'in the meantime'],
  // `'nobody'` and `nobody:` are names of users in tests.
  [/(?<!')\b(?:whoever|somebody|nobody)\b(?![':])/gi, 'the caller, another user, no user'],
  [/, say(?=[,.;:)]|$)| say(?=[.)])/gim, 'for example'],
  [/\bis over\b(?! \d)/gi, 'has expired, expires'],
  [/\b(?:stands?|lies|lie) (?:in|on)\b(?!ce)/gi, 'is in, is stored in, is built on'],
  [/\b(?:mend|heal)(?:s|ed|ing)?\b/gi, 'fix, recover from'],
  [/\b(?:foretell|foretells|foretold|foretelling)\b/gi, 'predict'],
  [/\ba page a\b|\ban entry of its own\b/gi, 'one … per …, a separate entry point'],
  [/\bbeside\b/gi, 'compared with, next to, in addition to'],
  [/\bcredentials along\b/gi, 'the credentials are cleared'],
]
