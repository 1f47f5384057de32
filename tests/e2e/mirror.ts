import type { Page } from 'playwright-core'

/** The application knows this hidden language: English texts, `dir=rtl`, locale `en-Hebr-US`. */
export const mirroredEnglish = 'en-Hebr'

const tolerancePx = 1.5

type Box = {
  readonly name: string
  readonly text: string
  /** `dir` of the elements above, innermost first. */
  readonly directions: readonly string[]
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

type Drawing = {
  readonly boxes: readonly Box[]
  readonly direction: string
  readonly width: number
}

/**
 * Compares a page in English with the same page in mirrored English: each box has to be the mirror
 * image of its twin.
 *
 * @returns how many boxes were compared, and a sentence for each that is off
 */
export async function compareMirrored(
  english: Page,
  mirrored: Page,
): Promise<{ readonly compared: number; readonly defects: readonly string[] }> {
  await Promise.all([english.evaluate(holdTime), mirrored.evaluate(holdTime)])
  const [ltr, rtl] = await Promise.all([english.evaluate(measure), mirrored.evaluate(measure)])
  if (ltr.direction !== 'ltr' || rtl.direction !== 'rtl')
    throw new Error(`the directions are ${ltr.direction} and ${rtl.direction}`)
  if (ltr.boxes.length !== rtl.boxes.length)
    return { compared: 0, defects: [firstDifference(ltr, rtl)] }
  const pairs = ltr.boxes
    .map((box, index) => ({ box, twin: rtl.boxes[index] ?? box }))
    .filter(({ box, twin }) => !isInsideIsland(box, twin))
  const defects = pairs.flatMap(({ box, twin }) => defectOf(box, twin, ltr.width) ?? [])
  return { compared: pairs.length, defects }
}

function firstDifference(ltr: Drawing, rtl: Drawing): string {
  const index = ltr.boxes.findIndex(({ name }, at) => name !== rtl.boxes[at]?.name)
  const [one, other] = [ltr.boxes[index], rtl.boxes[index]]
  return `${ltr.boxes.length} boxes in English, ${rtl.boxes.length} mirrored; they part at ${one?.name} "${one?.text}" and ${other?.name} "${other?.text}"`
}

/**
 * True below an element that keeps its direction in both drawings (`dir=ltr` code, `dir=auto` text,
 * `bdi`). The island's own box still has to be mirrored, and an overlay whose `dir` follows the
 * language is no island.
 */
function isInsideIsland({ directions }: Box, twin: Box): boolean {
  return directions.some(
    (direction, level) => direction === 'auto' || direction === twin.directions[level],
  )
}

function defectOf(box: Box, twin: Box, pageWidth: number): string | undefined {
  const wantedX = pageWidth - box.x - box.width
  const offPx = Math.max(
    Math.abs(wantedX - twin.x),
    Math.abs(box.y - twin.y),
    Math.abs(box.width - twin.width),
    Math.abs(box.height - twin.height),
  )
  if (box.name === twin.name && offPx <= tolerancePx) return undefined
  const [x, wanted] = [Math.round(twin.x), Math.round(wantedX)]
  return `${box.name} "${box.text}" is off by ${offPx.toFixed(1)} px: x=${x}, wanted ${wanted}`
}

/** Runs in the page: what depends on the moment reads the same in both drawings. */
function holdTime(): void {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode() !== null) {
    const text = texts.currentNode as Text
    if ((text.parentElement ?? document.body).closest('time') !== null) text.data = 'then'
    else text.data = text.data.replace(/\d[\d.,]*\s(?:ms|sec|s)\b/g, '10 ms')
  }
}

/** Runs in the page. Left out: the insides of icons, inline runs of text, visually hidden elements. */
function measure(): Drawing {
  const directionsAbove = (element: Element): string[] => {
    const directions: string[] = []
    let above = element.parentElement
    for (; above !== null && above !== document.body; above = above.parentElement) {
      if (above.dir !== '') directions.push(above.dir)
      else if (above.localName === 'bdi') directions.push('auto')
    }
    return directions
  }
  const hidden = new Set<Element>()
  const isDrawn = (element: Element, parent: Element): boolean => {
    if (parent.closest('svg') !== null || element.getClientRects().length === 0) return false
    const { display, overflowX } = getComputedStyle(element)
    const { width, height } = element.getBoundingClientRect()
    const isClipped = overflowX !== 'visible' && (width <= 1 || height <= 1)
    if (isClipped || hidden.has(parent)) hidden.add(element)
    return !hidden.has(element) && display !== 'inline' && width > 0 && height > 0
  }
  const boxOf = (element: Element): Box => {
    const { x, y, width, height } = element.getBoundingClientRect()
    return {
      name: `${element.localName}.${(element.getAttribute('class') ?? '').slice(0, 60)}`,
      text: (element.textContent ?? '').trim().slice(0, 30),
      directions: directionsAbove(element),
      x,
      y,
      width,
      height,
    }
  }
  const { dir, clientWidth } = document.documentElement
  const boxes = [...document.querySelectorAll('body *')]
    .filter((element) => isDrawn(element, element.parentElement ?? document.body))
    .map(boxOf)
  return { boxes, direction: dir || 'ltr', width: clientWidth }
}
