import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Line } from './chunk-lines.ts'
import { ExtractionProblem } from './extraction-problem.ts'
import { logicalLine } from './hebrew-lines.ts'

/** Its CPU time; memory in KiB. It writes no file and leaves no core. */
const limits = 'ulimit -v 1048576; ulimit -t 120; ulimit -f 0; ulimit -c 0'
const command = `${limits}; exec "$0" -q -layout -enc UTF-8 - -`
const outputMax = 100_000_000

const folders = ['/usr/local/bin', '/usr/bin', '/bin', '/opt/homebrew/bin', '/opt/local/bin']

/** @returns its path; undefined where it is not installed */
export function findPdftotext(): string | undefined {
  return folders.map((folder) => join(folder, 'pdftotext')).find((path) => existsSync(path))
}

type Running = {
  /** Of the program. */
  readonly path: string
  /** The group to end, should whoever waits not wait any longer. */
  readonly onStart: (pid: number) => void
}

/**
 * Text of a PDF by poppler's `pdftotext`, a program in a process group of its own: twice as fast as
 * pdf.js, but it says nothing of the sizes by which headings are known.
 *
 * @returns undefined where it does not read this file
 * @throws ExtractionProblem `document.unpacks-too-large`
 */
export async function askPdftotext(
  bytes: Uint8Array,
  { path, onStart }: Running,
): Promise<{ readonly lines: Line[]; readonly pages: number } | undefined> {
  const program = spawn('/bin/sh', ['-c', command, path], {
    cwd: '/',
    detached: true,
    env: { LC_ALL: 'C' },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const ended = new Promise<number | null>((resolve) => {
    program.once('error', () => resolve(null))
    program.once('close', resolve)
  })
  if (program.pid === undefined) return undefined
  onStart(program.pid)
  // A program that has ended reports here what was still being written to it.
  program.stdin.on('error', () => undefined)
  program.stdin.end(bytes)
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of program.stdout as AsyncIterable<Buffer>) {
    pieces.push(piece)
    length += piece.length
    if (length <= outputMax) continue
    program.kill('SIGKILL')
    throw new ExtractionProblem('document.unpacks-too-large')
  }
  if ((await ended) !== 0) return undefined
  // Each page ends with a form feed.
  const pages = Buffer.concat(pieces).toString('utf8').split('\f').slice(0, -1)
  return { lines: pages.flatMap(linesOfPage), pages: pages.length }
}

function linesOfPage(text: string, index: number): Line[] {
  return text
    .split('\n')
    .map((line) => ({ text: readingOrder(line), page: index + 1 }))
    .filter((line) => line.text !== '')
}

/** Letters drawn as one, and the Arabic and Hebrew ones that have a form of their own. */
const presentationForms = /[\uFB00-\uFB4F\uFE70-\uFEFC]+/gu

/**
 * The characters of a line as they lie on the page, from left to right. Poppler puts what runs the other
 * way round, numbers with the full stop behind them too, between a mark and its end, also within another.
 */
function drawnLine(marked: string): string {
  const open: { readonly isTurned: boolean; readonly parts: string[] }[] = []
  let parts: string[] = []
  let isTurned = false
  const close = () => {
    const outer = open.pop()
    if (outer === undefined) return
    outer.parts.push((isTurned ? parts.toReversed() : parts).join(''))
    ;({ parts, isTurned } = outer)
  }
  for (const char of marked)
    if (char === '\u202A' || char === '\u202B') {
      open.push({ isTurned, parts })
      isTurned = char === '\u202B'
      parts = []
    } else if (char === '\u202C') close()
    else parts.push(char)
  while (open.length > 0) close()
  return parts.join('')
}

/** @param marked a line of `pdftotext -layout` */
export function readingOrder(marked: string): string {
  const text = marked.replace(presentationForms, (form) => form.normalize('NFKC'))
  return logicalLine(drawnLine(text).replaceAll(/\s+/gu, ' ').trim())
}
