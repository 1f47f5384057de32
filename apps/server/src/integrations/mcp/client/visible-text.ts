/** Control, bidirectional, zero-width and tag characters: what a reader does not see. */
const hidden =
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]|\u{E0000}|[\u{E0020}-\u{E007F}]/gu

/** Text of somebody else with everything in it to be seen: hidden characters as their numbers. */
export function visibleText(text: string, most: number): string {
  const cut = text.length > most ? `${text.slice(0, most).toWellFormed()}…` : text
  return cut.replaceAll(hidden, (sign) => `\\u{${sign.codePointAt(0)?.toString(16) ?? ''}}`)
}
