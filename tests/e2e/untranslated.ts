import { globSync } from 'node:fs'
import { join } from 'node:path'
import { errorCatalog } from '@studioops/contracts/errors'
import { storyRuleDefinitions } from '@studioops/contracts/story-rules'
import type { Page } from 'playwright-core'
import type { Texts } from '../../apps/web/src/lib/i18n/define-texts.ts'
import type { Language } from './words.ts'

const web = join(import.meta.dirname, '../../apps/web/src')

/** Whether a text, with its values taken out, is one that somebody has translated. */
export type Catalogue = (text: string) => boolean

/** Stands where a value was inserted. */
const hole = '◊'

/**
 * All texts of the page and of the server's refusals, in one language.
 *
 * @param others what the server says beside them
 */
export async function catalogueOf(
  language: Language,
  others: readonly string[],
): Promise<Catalogue> {
  const files = globSync('**/*.texts.ts', { cwd: web })
  const modules = await Promise.all(
    files.map(async (file) => (await import(join(web, file))) as Record<string, Texts>),
  )
  const ofPage = modules
    .flatMap((module) => Object.values(module))
    .flatMap((texts) => Object.values(texts[language]))
    .map((text) => text.replaceAll(/\{\{.*?\}\}/g, hole))
    // Elements cut a text into several.
    .flatMap((text) => text.split(/<[^>]*>/))
  const ofServer = Object.values(errorCatalog).flatMap((entry) => [
    entry[language].message,
    ...entry[language].next,
  ])
  const known = new Set([...ofPage, ...others].map(tidy))
  const beginnings = [...ofServer, ...ruleTexts(language)].map((text) =>
    text.split(/\{\w+\}/).map(tidy),
  )
  return (text) => known.has(text) || beginnings.some((parts) => holdsInOrder(text, parts))
}

/** What the rules of stories say, and how their parameters are called. */
function ruleTexts(language: Language): string[] {
  return Object.values(storyRuleDefinitions).flatMap(({ message, fix, params }) => [
    message[language],
    fix[language],
    ...Object.values(params).flatMap((param) => [
      param.label[language],
      ...(param.kind === 'choices' ? param.options.map(({ label }) => label[language]) : []),
    ]),
  ])
}

function holdsInOrder(text: string, parts: readonly string[]): boolean {
  let from = 0
  for (const part of parts) {
    const at = text.indexOf(part, from)
    if (at === -1) return false
    from = at + part.length
  }
  return text.startsWith(parts[0] ?? '') && text.endsWith(parts.at(-1) ?? '')
}

/**
 * What a person sees or hears on the page that stands in no catalogue (G-4). Left out is what is
 * marked as somebody's data: `bdi`, `code`, `time`, what has a direction or a language of its own.
 */
export async function untranslated(page: Page, isKnown: Catalogue): Promise<string[]> {
  const [title, texts] = await Promise.all([page.title(), page.evaluate(collectTexts)])
  return [...new Set([title.replace(/(^| · )StudioOps$/, ''), ...texts])]
    .map((text) => tidy(withHoles(text)))
    .filter((text) => /\p{L}{2}/u.test(text) && !isKnown(text))
}

/** Values stand between U+2068 and U+2069, the innermost first. */
function withHoles(text: string): string {
  const cut = text.replaceAll(/\u2068[^\u2068\u2069]*\u2069/g, hole)
  return cut === text ? text : withHoles(cut)
}

function tidy(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

function collectTexts(): string[] {
  // The options are those of a list that React Aria hides and keeps for the browser's own forms.
  const data =
    'bdi, code, kbd, pre, time, textarea, option, svg, script, style, noscript, #boot-failure'
  const found: string[] = []
  const isData = (element: Element) => element.closest(`${data}, body [dir], body [lang]`) !== null
  const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (nodes.nextNode() !== null) {
    const { parentElement, data: text } = nodes.currentNode as Text
    if (parentElement !== null && !isData(parentElement)) found.push(text)
  }
  for (const name of ['aria-label', 'aria-description', 'title', 'placeholder', 'alt'])
    for (const element of document.querySelectorAll(`body [${name}]`))
      if (!isData(element)) found.push(element.getAttribute(name) ?? '')
  return found
}
