import { bytesAnswer, escapeHtml, htmlAnswer, type Answer } from '../exchange.ts'
import { newest, type StoredPage } from './confluence-state.ts'
import {
  ancestorsOf,
  type ConfluenceWorld,
  personOf,
  spaceOf,
  webPath,
} from './confluence-world.ts'

/** What a person sees in the browser. No login, no script; what is not known becomes its text. */
export function pageForPeople(world: ConfluenceWorld, id: string): Answer {
  const page = world.state.pages.find((one) => one.id === id && one.status === 'current')
  if (page === undefined) return missing(world)
  const { title, storage, number, by, when } = newest(page)
  const above = ancestorsOf(world, page).map((one) => link(world, one))
  const path = [`<bdi>${escapeHtml(spaceOf(world, page).name)}</bdi>`, ...above].join(' / ')
  const author = personOf(world, by)?.displayName ?? ''
  const body = `<nav><a href="${mountPath(world)}/">All pages</a> / ${path}</nav>
<article><h1 dir="auto">${escapeHtml(title)}</h1>
<p class="quiet"><bdi>${escapeHtml(author)}</bdi>, version ${number}, ${new Date(when).toISOString().slice(0, 16).replace('T', ' ')} UTC</p>
<div class="text" dir="auto">${storageToHtml(storage)}</div></article>`
  return htmlAnswer(200, frame(world, { title, body }))
}

export function listForPeople(world: ConfluenceWorld): Answer {
  const rows = world.state.pages
    .filter(({ status }) => status === 'current')
    .map((page) => `<li>${escapeHtml(page.spaceKey)}: ${link(world, page)}</li>`)
  const body = `<h1>Pages</h1><ul>${rows.join('')}</ul>`
  return htmlAnswer(200, frame(world, { title: 'Pages', body }))
}

function missing(world: ConfluenceWorld): Answer {
  const body = `<h1>Page not found</h1><p><a href="${mountPath(world)}/">All pages</a></p>`
  return htmlAnswer(404, frame(world, { title: 'Page not found', body }))
}

function link(world: ConfluenceWorld, page: StoredPage): string {
  const href = escapeHtml(`${mountPath(world)}${webPath(world, page)}`)
  return `<a href="${href}"><bdi>${escapeHtml(newest(page).title)}</bdi></a>`
}

function mountPath({ baseUrl }: ConfluenceWorld): string {
  return escapeHtml(new URL(baseUrl).pathname.replace(/\/$/, ''))
}

function frame(world: ConfluenceWorld, { title, body }: { title: string; body: string }): string {
  return `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)} - Simulated Confluence</title><link rel="stylesheet" href="${mountPath(world)}/simulator.css"></head>
<body>
<header><strong>Simulated Confluence</strong> <span>${world.flavour === 'dc' ? 'Data Center' : 'Cloud'}</span> <span lang="he" dir="rtl">Confluence מדומה, לניסיון בלבד</span></header>
<main>${body}</main>
</body>
</html>`
}

const shown = new Set(
  'h1 h2 h3 h4 h5 h6 p ul ol li strong em u s code pre blockquote table tbody thead tr th td br hr'.split(
    ' ',
  ),
)
const piece = /<!\[CDATA\[([\s\S]*?)\]\]>|<!--[\s\S]*?-->|<(\/?)([\w:.-]+)[^>]*?(\/?)>|[<>]/g

/** Elements of plain HTML stay, without attributes; the others leave their text. */
function storageToHtml(storage: string): string {
  let html = ''
  let end = 0
  for (const found of storage.matchAll(piece)) {
    html += storage.slice(end, found.index) + pieceToHtml(found)
    end = found.index + found[0].length
  }
  return html + storage.slice(end)
}

function pieceToHtml([whole, text, close, name, empty]: RegExpExecArray): string {
  if (text !== undefined) return `<code dir="ltr">${escapeHtml(text)}</code>`
  if (name === undefined) return whole.length === 1 ? escapeHtml(whole) : ''
  return shown.has(name) ? `<${close ?? ''}${name}${empty ?? ''}>` : ''
}

export function styleSheet(): Answer {
  return bytesAnswer('text/css;charset=UTF-8', css)
}

const css = `:root { color-scheme: light dark; --ink: light-dark(#172b4d, #e2e8f0); --quiet: light-dark(#5e6c84, #94a3b8); --paper: light-dark(#ffffff, #0f172a); --ground: light-dark(#f4f5f7, #020617); --line: light-dark(#dfe1e6, #334155); --mark: light-dark(#0f5f9e, #7dd3fc); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.6 system-ui, "Segoe UI", Arimo, "Noto Sans Hebrew", sans-serif; }
header { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; padding: 0.5rem 1.5rem; border-block-end: 3px solid var(--mark); background: var(--paper); }
header strong, a { color: var(--mark); }
.quiet, nav { color: var(--quiet); }
main { max-inline-size: 50rem; margin-inline: auto; padding: 1.5rem; }
article { background: var(--paper); border: 1px solid var(--line); border-radius: 0.5rem; padding: 1.5rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; }
th, td { padding: 0.4rem 0.6rem; border: 1px solid var(--line); text-align: start; }
pre, code { white-space: pre-wrap; }
`
