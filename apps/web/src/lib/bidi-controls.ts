/** Marks that turn text and that nobody sees; they never enter names, keys or addresses (HE-8). */
const bidiControls = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

export function withoutBidiControls(text: string): string {
  return text.replaceAll(bidiControls, '')
}
