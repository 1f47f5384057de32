import type { MarkupDocument } from './document.ts'

/** A heading by its text, as a person reads it. */
export type HeadingReference = {
  readonly text: string
  readonly level?: number
  /** Where several are alike: 0 is the first. Without it, several are a refusal. */
  readonly occurrence?: number
}

/**
 * Where a node stands: the number of the child on each level, from the top, 0 is the first. Children
 * are elements of storage (texts and comments are not counted) and nodes of ADF.
 */
export type NodePath = readonly number[]

export type MacroReference = { readonly name: string; readonly occurrence?: number }

/** A change of a page that leaves everything else as it is. */
export type MarkupEdit =
  /** Everything under a heading up to the next of the same or a higher level; the heading stays. */
  | {
      readonly kind: 'replace-section'
      readonly heading: HeadingReference
      readonly content: MarkupDocument
    }
  | {
      readonly kind: 'append-to-section'
      readonly heading: HeadingReference
      readonly content: MarkupDocument
    }
  | {
      readonly kind: 'insert-after-heading'
      readonly heading: HeadingReference
      readonly content: MarkupDocument
    }
  | { readonly kind: 'append'; readonly content: MarkupDocument }
  | { readonly kind: 'prepend'; readonly content: MarkupDocument }
  | {
      readonly kind: 'insert-after'
      readonly path: NodePath
      readonly content: MarkupDocument
    }
  | {
      readonly kind: 'replace-node'
      readonly path: NodePath
      readonly content: MarkupDocument
    }
  | { readonly kind: 'remove-node'; readonly path: NodePath }
  /** Words inside one text; `occurrence` as with headings. */
  | {
      readonly kind: 'replace-text'
      readonly find: string
      readonly replacement: string
      readonly occurrence?: number
    }
  /** Undefined takes the parameter away. */
  | {
      readonly kind: 'set-macro-parameter'
      readonly macro: MacroReference
      readonly parameter: string
      readonly value: string | undefined
    }
  /** A text for a macro with a plain body, a document for one with a rich body. */
  | {
      readonly kind: 'set-macro-body'
      readonly macro: MacroReference
      readonly body: string | MarkupDocument
    }
  /** Tables in the order of the page, rows and cells as they are written; 0 is the first. */
  | {
      readonly kind: 'set-cell'
      readonly table: number
      readonly row: number
      readonly cell: number
      readonly content: MarkupDocument
    }
  /** A task by its words, or by its number on the page. */
  | {
      readonly kind: 'tick-task'
      readonly task: number | string
      readonly done: boolean
    }

export type EditRefusal =
  | 'malformed'
  | 'too-large'
  | 'heading-not-found'
  | 'heading-not-unique'
  | 'node-not-found'
  | 'text-not-found'
  | 'text-not-unique'
  | 'macro-not-found'
  | 'macro-not-unique'
  | 'macro-without-body'
  | 'cell-not-found'
  | 'task-not-found'
  | 'task-not-unique'

export type EditOutcome<Source> =
  | { readonly kind: 'edited'; readonly source: Source }
  | {
      readonly kind: 'refused'
      readonly reason: EditRefusal
      /** Which of the edits, 0 is the first. None was made. */
      readonly index: number
      /** What there is instead: the headings, macros or tasks of the page, in its order, at most 50. */
      readonly candidates: readonly string[]
    }
