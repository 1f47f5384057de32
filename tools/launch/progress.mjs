const isTerminal = process.stderr.isTTY === true
const isColoured = isTerminal && !process.env.NO_COLOR && process.env.TERM !== 'dumb'

/** @param {string} text @param {keyof typeof codes} colour */
export function paint(text, colour) {
  return isColoured ? `\u001B[${codes[colour]}m${text}\u001B[0m` : text
}

const codes = { red: 31, green: 32, dim: 2, bold: 1 }

/** @param {string} text */
export function say(text) {
  process.stderr.write(`${text}\n`)
}

/**
 * One line for one step: what is done, then how long it took. On a terminal the seconds count.
 *
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const since = performance.now()
  const seconds = () => `${((performance.now() - since) / 1000).toFixed(1)} s`
  const line = (mark, end) => `\r\u001B[K${mark} ${title} ${paint(end, 'dim')}`
  process.stderr.write(isTerminal ? line('·', '…') : `${title} … `)
  const ticking = isTerminal
    ? setInterval(() => process.stderr.write(line('·', seconds())), 500)
    : undefined
  const close = (mark, word) => {
    clearInterval(ticking)
    process.stderr.write(
      isTerminal ? `${line(mark, `${word}${seconds()}`)}\n` : `${word}${seconds()}\n`,
    )
  }
  try {
    const result = await work()
    close(paint('✓', 'green'), '')
    return result
  } catch (error) {
    close(paint('✗', 'red'), 'failed after ')
    throw error
  }
}
