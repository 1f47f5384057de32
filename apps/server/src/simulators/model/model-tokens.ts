const pieces = /\s?[\p{L}\p{M}\p{N}_]{1,8}|\s?[^\s\p{L}\p{M}\p{N}_]{1,3}|\s/gu

/** Cuts a text into pieces of the size that models speak in. Joined they give the text again. */
export function tokensOf(text: string): string[] {
  return text.match(pieces) ?? []
}
