/** The one door to documents in the formats of the outside systems. */
export { losses, type Loss } from './adapt.ts'
export { capabilities, type Feature } from './capabilities.ts'
export {
  type Block,
  type Inline,
  type MarkupDocument,
  type MarkupFormat,
  plainText,
} from './document.ts'
export type { EditOutcome, EditRefusal, MarkupEdit } from './edits.ts'
export { normalizeDocument } from './normalize.ts'
export { parseAdf } from './parse-adf.ts'
export { parseMarkdown } from './parse-markdown.ts'
export { parseStorage } from './parse-storage.ts'
export { parseWiki } from './parse-wiki.ts'
export { type AdfDocument, renderAdf } from './render-adf.ts'
export { renderMarkdown } from './render-markdown.ts'
export { renderStorage } from './render-storage.ts'
export { renderWiki } from './render-wiki.ts'
export { editAdf } from './edit-adf.ts'
export { editStorage } from './edit-storage.ts'
