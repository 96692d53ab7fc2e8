import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The settings of one profile, with names in lower case. */
export type Profile = Readonly<Record<string, string>>

/**
 * Reads the profiles of `~/.aws/config` and `~/.aws/credentials`, or of the files that AWS_CONFIG_FILE and
 * AWS_SHARED_CREDENTIALS_FILE name. A setting in the credentials file wins. A file that does not exist is empty.
 *
 * @see [AWS: shared config and credentials files](https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html)
 */
export async function readProfiles(
  env: Readonly<Record<string, string | undefined>>,
): Promise<ReadonlyMap<string, Profile>> {
  const home = env['HOME'] || env['USERPROFILE'] || homedir()
  // A shell has expanded `~`, a file with variables (Docker, systemd) has not.
  const pathOf = (given: string | undefined, name: string): string =>
    given ? given.replace(/^~(?=[/\\])/, home) : join(home, '.aws', name)
  const configFile = pathOf(env['AWS_CONFIG_FILE'], 'config')
  const credentialsFile = pathOf(env['AWS_SHARED_CREDENTIALS_FILE'], 'credentials')
  const [config, credentials] = await Promise.all([
    readIfThere(configFile),
    readIfThere(credentialsFile),
  ])
  const profiles = new Map<string, Profile>()
  for (const [section, settings] of parseSections(config)) {
    const name = profileName(section)
    if (name !== undefined) profiles.set(name, settings)
  }
  for (const [name, settings] of parseSections(credentials)) {
    profiles.set(name, { ...profiles.get(name), ...settings })
  }
  return profiles
}

/** The profile's name in a section of the config file: `default`, or what follows `profile`. */
function profileName(section: string): string | undefined {
  if (section === 'default') return section
  const [, name] = /^profile\s+(.+)$/.exec(section) ?? []
  return name?.replace(/^(["'])(.*)\1$/, '$2')
}

/**
 * Parses `[section]` and `name = value` lines as the AWS SDK for JavaScript does. Comments are skipped, and so are settings that are
 * nested: those that are indented after a name without a value.
 */
export function parseSections(text: string): Map<string, Record<string, string>> {
  const sections = new Map<string, Record<string, string>>()
  let current: Record<string, string> | undefined
  let isNested = false
  for (const line of text.split(/\r?\n/)) {
    // `trim` also removes a byte order mark.
    const content = line.split(/(?:^|\s)[#;]/)[0]!.trim()
    const [, heading] = /^\[(.+)\]$/.exec(content) ?? []
    if (heading !== undefined) {
      const name = heading.trim()
      current = sections.get(name) ?? {}
      sections.set(name, current)
      isNested = false
      continue
    }
    const equals = content.indexOf('=')
    if (equals < 1 || !current) continue
    const value = content.slice(equals + 1).trim()
    if (value === '') {
      isNested = true
      continue
    }
    if (!/^\s/.test(line)) isNested = false
    if (!isNested) current[content.slice(0, equals).trim().toLowerCase()] = value
  }
  return sections
}

/** Whether a profile says where credentials come from; many a `default` profile has a region and nothing else. */
export const hasCredentials = (profile: Profile | undefined): boolean =>
  Object.keys(profile ?? {}).some(
    (setting) => CREDENTIAL_SETTINGS.includes(setting) || setting.startsWith('sso_'),
  )

const CREDENTIAL_SETTINGS = [
  'aws_access_key_id',
  'role_arn',
  'credential_process',
  'web_identity_token_file',
  'login_session',
]

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return ''
  }
}
