/**
 * The tables. User ID, username (within its issuer) and client ID are unique by the schema: whatever else goes wrong, two users
 * never share one.
 */
export const SCHEMA: string = `
CREATE TABLE IF NOT EXISTS users (
  user_id TEXT PRIMARY KEY,
  username TEXT NOT NULL,
  issuer TEXT NOT NULL,
  doc TEXT NOT NULL,
  UNIQUE (username, issuer)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS keys (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  client_id TEXT UNIQUE,
  state TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  due_at INTEGER,
  last_used INTEGER,
  doc TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS keys_of_user ON keys (user_id, created_at, id);
CREATE INDEX IF NOT EXISTS keys_due ON keys (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY,
  key_id TEXT NOT NULL,
  doc TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS events_of_key ON events (key_id, seq);

CREATE TABLE IF NOT EXISTS once (
  token TEXT PRIMARY KEY,
  ref TEXT NOT NULL,
  request TEXT NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS once_until ON once (until);
`
