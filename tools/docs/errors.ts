type Text = { readonly message: string; readonly next: readonly string[] }

/** What the error catalogue says of one code. */
export type Refusal = {
  readonly status: number
  readonly retry: 'fix' | 'later' | 'never'
  readonly en: Text
  readonly he: Text
}

const advice: Record<Refusal['retry'], string> = {
  fix: 'correct it and send it again',
  later: 'wait and send the same again',
  never: 'sending it again changes nothing',
}

/** docs/errors.md: one anchor per code, in the order of the catalogue. */
export function renderErrors(catalogue: Readonly<Record<string, Refusal>>): string {
  const entries = Object.entries(catalogue)
  return `# Errors

Written by \`npm run docs\` from \`packages/contracts/src/errors.ts\`; change it there.

Every refusal is a problem body (RFC 9457) with one of these codes, its message and next steps in both
languages, and the correlation id that the log lines carry. Words in braces are facts of the case.

| code | status | to the caller |
|---|---|---|
${entries.map(([code, { status, retry }]) => `| [${code}](#${code}) | ${status} | ${advice[retry]} |`).join('\n')}
${entries.map(describeRefusal).join('')}`
}

function describeRefusal([code, { status, retry, en, he }]: [string, Refusal]): string {
  return `
<a id="${code}"></a>

## ${code}

${status}: ${advice[retry]}.

**${escapeText(en.message)}** ${en.next.map(escapeText).join(' ')}

<p lang="he" dir="rtl"><strong>${escapeText(he.message)}</strong> ${he.next.map(escapeText).join(' ')}</p>
`
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
