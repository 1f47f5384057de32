import type { Capability } from '../../apps/server/src/integrations/markup/capabilities.ts'

/** docs/markup.md: what each format can hold of the one document model. */
export function renderMarkup(capabilities: Readonly<Record<string, Capability>>): string {
  const rows = Object.entries(capabilities).map(
    ([name, { what, markdown, adf, wiki, storage }]) =>
      `| \`${name}\` | ${[what, markdown, adf, wiki, storage].map(cell).join(' | ')} |`,
  )
  return `# Documents in four formats

Written by \`npm run docs\` from \`apps/server/src/integrations/markup/capabilities.ts\`; change it there.

Documents are read from and written to Markdown (GitHub's), ADF (Jira Cloud, Confluence Cloud), the wiki
markup of Jira Data Center and the storage format of Confluence by one model. Headings, paragraphs, lists,
code, quotes, panels, tables, links, images, bold, italic, struck, underlined, raised and lowered text and
code in a line come back whole from all four. Where a cell below says anything but "yes", that is what
stands there instead; \`losses(document, format)\` names these rows. What a format has and the model does
not know is kept as it is written, comes back byte for byte in its own format, and is a name in brackets in
the others. Written by a person it never becomes a macro, a mention or a script.

| row | what | Markdown | ADF | wiki markup | storage format |
|---|---|---|---|---|---|
${rows.join('\n')}
`
}

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`)
}
