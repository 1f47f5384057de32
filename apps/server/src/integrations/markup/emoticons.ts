import type { Emoji } from './document.ts'

type Emoticon = {
  /** Every spelling that Jira reads; the first is written. */
  readonly symbols: readonly string[]
  /** `ac:name` of an `ac:emoticon` of Confluence. */
  readonly name: string
  readonly shortName: string
  readonly text: string
}

/** The pictures that Jira's wiki renderer and Confluence's storage format share. */
export const emoticons: readonly Emoticon[] = [
  { symbols: [':)', ':-)'], name: 'smile', shortName: ':slight_smile:', text: '🙂' },
  { symbols: [':(', ':-('], name: 'sad', shortName: ':disappointed:', text: '😞' },
  {
    symbols: [':P', ':-P', ':p', ':-p'],
    name: 'cheeky',
    shortName: ':stuck_out_tongue:',
    text: '😛',
  },
  { symbols: [':D', ':-D'], name: 'laugh', shortName: ':smiley:', text: '😃' },
  { symbols: [';)', ';-)'], name: 'wink', shortName: ':wink:', text: '😉' },
  { symbols: ['(y)'], name: 'thumbs-up', shortName: ':thumbsup:', text: '👍' },
  { symbols: ['(n)'], name: 'thumbs-down', shortName: ':thumbsdown:', text: '👎' },
  { symbols: ['(i)'], name: 'information', shortName: ':info:', text: 'ℹ️' },
  { symbols: ['(/)'], name: 'tick', shortName: ':check_mark:', text: '✅' },
  { symbols: ['(x)'], name: 'cross', shortName: ':cross_mark:', text: '❌' },
  { symbols: ['(!)'], name: 'warning', shortName: ':warning:', text: '⚠️' },
  { symbols: ['(+)'], name: 'plus', shortName: ':plus:', text: '➕' },
  { symbols: ['(-)'], name: 'minus', shortName: ':minus:', text: '➖' },
  { symbols: ['(?)'], name: 'question', shortName: ':question_mark:', text: '❓' },
  { symbols: ['(on)'], name: 'light-on', shortName: ':light_bulb_on:', text: '💡' },
  { symbols: ['(off)'], name: 'light-off', shortName: ':light_bulb_off:', text: '🔌' },
  { symbols: ['(*)', '(*y)'], name: 'yellow-star', shortName: ':yellow_star:', text: '⭐' },
  { symbols: ['(*r)'], name: 'red-star', shortName: ':red_star:', text: '🌟' },
  { symbols: ['(*g)'], name: 'green-star', shortName: ':green_star:', text: '✳️' },
  { symbols: ['(*b)'], name: 'blue-star', shortName: ':blue_star:', text: '💠' },
  { symbols: ['(flag)'], name: 'flag-on', shortName: ':flag_on:', text: '🚩' },
  { symbols: ['(flagoff)'], name: 'flag-off', shortName: ':flag_off:', text: '🏳️' },
]

const bySymbol = new Map(
  emoticons.flatMap((emoticon) => emoticon.symbols.map((symbol) => [symbol, emoticon] as const)),
)

export function emojiOfSymbol(symbol: string): Emoji | undefined {
  const found = bySymbol.get(symbol)
  return found && { type: 'emoji', shortName: found.shortName, text: found.text }
}

/** How Jira writes an emoji; undefined for those that it has no picture for. */
export function wikiSymbolOf({ shortName, text }: Emoji): string | undefined {
  const found = emoticons.find((emoticon) => emoticon.shortName === shortName)
  const [symbol = ''] = found?.symbols ?? []
  // Those that end in a letter, or begin like the end of a reference, may be read as something else.
  return found?.text === text && /^(?:\(|:[()])/.test(symbol) ? symbol : undefined
}
