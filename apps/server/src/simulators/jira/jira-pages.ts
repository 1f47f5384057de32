import { bytesAnswer, escapeHtml, htmlAnswer, type Answer } from '../exchange.ts'
import { memberText, scalarText } from '../json-value.ts'
import { adfToHtml } from './adf-html.ts'
import { issueTypes, priorities } from './jira-catalog.ts'
import { statusOf } from './jira-present.ts'
import { findIssue, type StoredIssue } from './jira-state.ts'
import type { JiraWorld } from './jira-world.ts'
import { wikiToHtml } from './wiki-html.ts'

/** The issue as a person would see it in the browser. No login, no script, no inline style. */
export function issuePage(world: JiraWorld, key: string): Answer {
  const issue = findIssue(world.state, key)
  if (issue === undefined) return missingPage(world, key)
  const title = `${escapeHtml(issue.key)} ${escapeHtml(issue.summary)}`
  const body = `<nav><a href="${mountPath(world)}/">All issues</a> / <span dir="auto">${escapeHtml(projectName(world, issue))}</span> / <bdi>${escapeHtml(issue.key)}</bdi></nav>
<article>
<h1 dir="auto">${escapeHtml(issue.summary)}</h1>
${factsHtml(world, issue)}
<section><h2 class="label">Description</h2><div class="text">${textHtml(issue.description) || '<p class="quiet">None</p>'}</div></section>
${linksHtml(world, issue)}${commentsHtml(world, issue)}
</article>`
  return htmlAnswer(200, page(world, title, body))
}

export function issueListPage(world: JiraWorld): Answer {
  const rows = world.state.issues
    .toReversed()
    .map(
      (issue) =>
        `<tr><td><a href="${mountPath(world)}/browse/${escapeHtml(issue.key)}">${escapeHtml(issue.key)}</a></td><td><bdi>${escapeHtml(issue.summary)}</bdi></td><td>${escapeHtml(typeName(issue))}</td><td><time datetime="${isoTime(issue.created)}">${readableTime(issue.created)}</time></td></tr>`,
    )
  const table = `<table><thead><tr><th>Key</th><th>Summary</th><th>Type</th><th>Created</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
  const body = `<h1>Issues</h1>${rows.length === 0 ? '<p class="quiet">No issues yet. Whatever is created through the API appears here.</p>' : table}`
  return htmlAnswer(200, page(world, 'Issues', body))
}

function missingPage(world: JiraWorld, key: string): Answer {
  const body = `<h1>Issue does not exist</h1><p>There is no <bdi>${escapeHtml(key)}</bdi> in this simulated Jira.</p><p><a href="${mountPath(world)}/">All issues</a></p>`
  return htmlAnswer(404, page(world, 'Issue does not exist', body))
}

function page(world: JiraWorld, title: string, body: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} - Simulated Jira</title><link rel="stylesheet" href="${mountPath(world)}/simulator.css"></head>
<body>
<header><strong>Simulated Jira</strong> <span>${world.flavour === 'dc' ? 'Data Center' : 'Cloud'}</span> <span lang="he" dir="rtl">Jira מדומה, לניסיון בלבד</span></header>
<main>
${body}
</main>
</body>
</html>`
}

/** Absolute below the host, so that it is right behind any host name that leads here. */
function mountPath(world: JiraWorld): string {
  return escapeHtml(new URL(world.baseUrl()).pathname.replace(/\/$/, ''))
}

function factsHtml(world: JiraWorld, issue: StoredIssue): string {
  const priority = priorities.find(({ id }) => id === issue.priorityId)
  const facts: (readonly [string, string])[] = [
    ['Type', typeName(issue)],
    ['Status', statusOf(issue).name],
    ['Priority', priority?.name ?? ''],
    ['Labels', issue.labels.join(', ') || 'None'],
    ['Reporter', personName(world, issue.reporter)],
    ['Assignee', issue.assignee === undefined ? 'Unassigned' : personName(world, issue.assignee)],
    ...(issue.parentKey === undefined ? [] : [['Parent', issue.parentKey] as const]),
    ...world.fields
      .filter(({ id }) => issue.custom[id] !== undefined)
      .map(({ id, name }) => [name, customText(issue, id)] as const),
  ]
  const items = facts.map(
    ([name, value]) =>
      `<div><dt>${escapeHtml(name)}</dt><dd><bdi>${escapeHtml(value)}</bdi></dd></div>`,
  )
  return `<dl>${items.join('')}<div><dt>Created</dt><dd><time datetime="${isoTime(issue.created)}">${readableTime(issue.created)}</time></dd></div></dl>`
}

function customText(issue: StoredIssue, id: string): string {
  const value = issue.custom[id]
  return memberText(value, 'value') || scalarText(value)
}

function textHtml(text: StoredIssue['description']): string {
  return typeof text === 'string' ? wikiToHtml(text) : adfToHtml(text)
}

function linksHtml(world: JiraWorld, issue: StoredIssue): string {
  const links = world.state.links.filter(
    ({ inwardKey, outwardKey }) => inwardKey === issue.key || outwardKey === issue.key,
  )
  if (links.length === 0) return ''
  const items = links.map(({ inwardKey, outwardKey }) => {
    const other = inwardKey === issue.key ? outwardKey : inwardKey
    return `<li><a href="${mountPath(world)}/browse/${escapeHtml(other)}">${escapeHtml(other)}</a></li>`
  })
  return `<section><h2 class="label">Linked issues</h2><ul>${items.join('')}</ul></section>`
}

function commentsHtml(world: JiraWorld, issue: StoredIssue): string {
  if (issue.comments.length === 0) return ''
  const items = issue.comments.map(
    ({ author, body, created }) =>
      `<li><p class="quiet"><bdi>${escapeHtml(personName(world, author))}</bdi>, <time datetime="${isoTime(created)}">${readableTime(created)}</time></p><div class="text">${textHtml(body)}</div></li>`,
  )
  return `<section><h2 class="label">Comments</h2><ol class="comments">${items.join('')}</ol></section>`
}

function typeName(issue: StoredIssue): string {
  return issueTypes.find(({ id }) => id === issue.issueTypeId)?.name ?? ''
}

function projectName(world: JiraWorld, issue: StoredIssue): string {
  return world.projects.find(({ key }) => key === issue.projectKey)?.name ?? issue.projectKey
}

function personName(world: JiraWorld, key: string): string {
  return world.people.find((person) => person.key === key)?.displayName ?? key
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

function readableTime(ms: number): string {
  return `${isoTime(ms).slice(0, 16).replace('T', ' ')} UTC`
}

export function styleSheet(): Answer {
  return bytesAnswer('text/css;charset=UTF-8', css)
}

const css = `:root { color-scheme: light dark; --ink: light-dark(#172b4d, #e2e8f0); --quiet: light-dark(#5e6c84, #94a3b8); --paper: light-dark(#ffffff, #0f172a); --ground: light-dark(#f4f5f7, #020617); --line: light-dark(#dfe1e6, #334155); --mark: light-dark(#b45309, #fbbf24); --link: light-dark(#0052cc, #7dd3fc); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.6 system-ui, "Segoe UI", Arimo, "Noto Sans Hebrew", sans-serif; }
header { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; padding: 0.5rem 1.5rem; border-block-end: 3px solid var(--mark); background: var(--paper); }
header strong { color: var(--mark); }
header span { color: var(--quiet); }
main { max-inline-size: 60rem; margin-inline: auto; padding: 1.5rem; }
nav { color: var(--quiet); margin-block-end: 0.75rem; }
a { color: var(--link); }
article, main > table { background: var(--paper); border: 1px solid var(--line); border-radius: 0.5rem; padding: 1.5rem; }
h1 { margin-block: 0 1rem; font-size: 1.5rem; line-height: 1.3; overflow-wrap: anywhere; }
h2.label { margin-block: 1.5rem 0.5rem; font-size: 0.8rem; letter-spacing: 0.05em; text-transform: uppercase; color: var(--quiet); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: 0.5rem 1.5rem; margin: 0; }
dt { font-size: 0.8rem; color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; text-align: start; }
.text { border-block-start: 1px solid var(--line); padding-block-start: 0.5rem; overflow-wrap: anywhere; }
.text h2, .text h3, .text h4 { margin-block: 1rem 0.25rem; font-size: 1.1rem; }
.text pre { overflow-x: auto; padding: 0.75rem; background: var(--ground); border-radius: 0.25rem; }
.text blockquote { margin-inline: 0; padding-inline-start: 1rem; border-inline-start: 3px solid var(--line); }
ul, ol { padding-inline-start: 1.5rem; }
ol.comments { list-style: none; padding: 0; }
.quiet { color: var(--quiet); margin: 0; }
table { border-collapse: collapse; inline-size: 100%; }
th, td { padding: 0.4rem 0.6rem; border-block-end: 1px solid var(--line); text-align: start; vertical-align: top; }
`
