import type { CryptoUse } from '../../apps/server/src/platform/crypto/crypto-inventory.ts'

/** docs/crypto-inventory.md */
export function renderCryptoInventory(uses: readonly CryptoUse[]): string {
  return `# Cryptography

Written by \`npm run docs\` from \`apps/server/src/platform/crypto/crypto-inventory.ts\`; change it there.
Which master key wraps what, and since when: \`studioops keys status\`.

| what | algorithm | key | where | rotated |
|---|---|---|---|---|
${uses.map(({ what, algorithm, key, where, rotated }) => `| ${what} | ${algorithm} | ${key} | \`apps/server/${where}\` | ${rotated} |`).join('\n')}

## When the master key is lost or another one

The product starts. Sign-in and everything that needs a stored secret is closed; the page, \`/readyz\`
and the log name the fingerprint of the key that is wanted.

- **The key is found again**: put it back where it was (\`keys/master.key\` in the data directory, or
  \`STUDIOOPS_MASTER_KEY\`) and start again. Nothing else has to be done.
- **It is lost for good**: \`studioops keys reset --yes\`. Stored tokens, passwords and second factors are
  lost with it; stories and everything else stay. Owners get links to set a password and let the others
  in, or these prove themselves by their Jira token; everybody enters the tokens again.

Keep a copy of the key apart from the backups of the database: a backup holds ciphertext and the
fingerprint of its key, never the key.

## The audit log

Entries are sealed into a chain; nobody but the owner of the database can change them, and then
*Verify the chain* or \`studioops audit verify\` shows where. What was cut off the end, or a chain that was
written anew as a whole, shows only by an anchor outside of the database: number and hash go to the log
of the server and to \`audit/anchors.jsonl\` in the data directory at the start, every hour and at the end.
Send the log to another machine, and compare: \`studioops audit verify --anchors <log>\`.
\`studioops audit close --before <date>\` keeps older entries in a file and goes on from their last hash.
`
}
