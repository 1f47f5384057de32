import type { MarkupFormat } from './document.ts'

/**
 * What a format does with a part of the model. `yes`: it comes back whole. Anything else says what
 * stands there instead.
 */
export type Capability = Readonly<Record<MarkupFormat, string>> & {
  /** For the reader of docs/markup.md. */
  readonly what: string
}

const yes = 'yes'
const gone = '—'
const asText = 'its words'

/** The contract of the formats: `losses` names these, and the tests hold every cell. */
export const capabilities = {
  alignment: {
    what: 'A paragraph or heading in the middle or at the end',
    markdown: 'columns of a table only',
    adf: 'not in lists, quotes, panels and expands',
    wiki: gone,
    storage: yes,
  },
  'empty-paragraph': {
    what: 'An empty paragraph',
    markdown: gone,
    adf: yes,
    wiki: gone,
    storage: yes,
  },
  'heading-break': {
    what: 'A line break in a heading',
    markdown: yes,
    adf: yes,
    wiki: 'a space',
    storage: yes,
  },
  'code-language': {
    what: 'The language of code',
    markdown: 'of letters, digits, `#`, `+`, `-` and `_`',
    adf: yes,
    wiki: 'those that Jira colours',
    storage: yes,
  },
  'code-title': {
    what: 'The title of code',
    markdown: gone,
    adf: gone,
    wiki: 'without `|` and braces',
    storage: yes,
  },
  'code-text': {
    what: 'Code that holds the end of its own block',
    markdown: yes,
    adf: yes,
    wiki: 'an invisible space in it',
    storage: yes,
  },
  'panel-kind': {
    what: 'A panel in a colour of its own',
    markdown: 'a quote',
    adf: yes,
    wiki: yes,
    storage: yes,
  },
  'panel-title': {
    what: 'The title of a panel',
    markdown: 'a bold line',
    adf: 'a bold line',
    wiki: 'without `|` and braces',
    storage: yes,
  },
  expand: {
    what: 'A part that folds away',
    markdown: yes,
    adf: yes,
    wiki: 'a bold line above it',
    storage: yes,
  },
  'list-start': {
    what: 'A list that begins at another number',
    markdown: yes,
    adf: yes,
    wiki: gone,
    storage: yes,
  },
  tasks: {
    what: 'Tasks in an ordered list, or among other items',
    markdown: yes,
    adf: 'a box as a character',
    wiki: 'a box as a character, read back as a task',
    storage: 'a box as a character',
  },
  'task-blocks': {
    what: 'A task that does not begin with a line of text, or holds more than tasks below it',
    markdown: 'a box as a character, where no text begins it',
    adf: 'lines of the same task',
    wiki: yes,
    storage: yes,
  },
  'item-blocks': {
    what: 'Several paragraphs, quotes, tables and the like in an item of a list',
    markdown: yes,
    adf: 'paragraphs, lists, code, images, macros',
    wiki: 'one line, lists and code',
    storage: yes,
  },
  nesting: {
    what: 'A block inside one that may not hold it',
    markdown: yes,
    adf: 'the simpler block that may stand there',
    wiki: 'the simpler block that may stand there',
    storage: 'layouts only',
  },
  'adjacent-blocks': {
    what: 'Two lists, tables or quotes one behind the other',
    markdown: yes,
    adf: yes,
    wiki: 'lists inside an item become one',
    storage: yes,
  },
  'table-spans': {
    what: 'Cells over several columns or rows',
    markdown: 'empty cells',
    adf: yes,
    wiki: 'empty cells',
    storage: yes,
  },
  'table-header-cells': {
    what: 'Header cells elsewhere than in a whole first row',
    markdown: 'bold cells',
    adf: yes,
    wiki: yes,
    storage: yes,
  },
  'table-shape': {
    what: 'Rows of different length, or an empty first row of headers',
    markdown: 'filled with empty cells',
    adf: yes,
    wiki: yes,
    storage: yes,
  },
  'cell-blocks': {
    what: 'More than one line of text in a cell',
    markdown: 'lines with breaks',
    adf: 'what a cell may hold there',
    wiki: 'lines with breaks',
    storage: yes,
  },
  'image-size': {
    what: 'Width and height of an image',
    markdown: gone,
    adf: yes,
    wiki: yes,
    storage: yes,
  },
  'inline-image': {
    what: 'An image in a line of text',
    markdown: yes,
    adf: 'a link; yes for files of the media service',
    wiki: 'a space between it and a letter',
    storage: yes,
  },
  'image-attachment': {
    what: 'An image that is attached to the page or issue',
    markdown: asText,
    adf: asText,
    wiki: yes,
    storage: yes,
  },
  'image-media': {
    what: 'An image in the media service of Atlassian',
    markdown: asText,
    adf: yes,
    wiki: asText,
    storage: asText,
  },
  layout: {
    what: 'Columns',
    markdown: 'one below the other',
    adf: 'two or three',
    wiki: 'one below the other',
    storage: 'the six layouts of Confluence',
  },
  macro: {
    what: 'A macro of Confluence',
    markdown: 'its name, and its body',
    adf: yes,
    wiki: 'its name, and its body',
    storage: yes,
  },
  opaque: {
    what: 'What only another format knows',
    markdown: 'its name',
    adf: 'its name',
    wiki: 'its name',
    storage: 'its name',
  },
  mention: {
    what: 'A person that is mentioned',
    markdown: asText,
    adf: 'accounts of Cloud',
    wiki: 'accounts of Cloud, names of Data Center',
    storage: yes,
  },
  'mention-name': {
    what: 'The name shown for a person that is mentioned',
    markdown: yes,
    adf: yes,
    wiki: gone,
    storage: gone,
  },
  emoji: {
    what: 'An emoji with a name',
    markdown: 'its character',
    adf: yes,
    wiki: 'its character; yes for those of Jira',
    storage: yes,
  },
  date: { what: 'A date', markdown: asText, adf: yes, wiki: asText, storage: yes },
  status: {
    what: 'A status lozenge',
    markdown: 'its words in bold',
    adf: yes,
    wiki: 'its words in bold',
    storage: yes,
  },
  color: { what: 'The colour of text', markdown: gone, adf: yes, wiki: yes, storage: yes },
  background: {
    what: 'The colour behind text',
    markdown: gone,
    adf: yes,
    wiki: gone,
    storage: yes,
  },
  'mark-on-code': {
    what: 'Bold, colour and the like on code in a line',
    markdown: yes,
    adf: 'links only',
    wiki: yes,
    storage: yes,
  },
  'mark-on-signs': {
    what: 'A mark on text with invisible signs, such as those of direction',
    markdown: yes,
    adf: yes,
    wiki: 'the text without the mark',
    storage: yes,
  },
  'sub-and-superscript': {
    what: 'Text that is both above and below the line',
    markdown: yes,
    adf: 'above it',
    wiki: yes,
    storage: yes,
  },
  'relative-link': {
    what: 'A link that is relative to its page',
    markdown: asText,
    adf: yes,
    wiki: asText,
    storage: yes,
  },
  'link-signs': {
    what: 'Brackets, bars and `!` in the address of a link or an image',
    markdown: yes,
    adf: yes,
    wiki: 'percent-encoded',
    storage: yes,
  },
  'image-alt': {
    what: 'The words for an image',
    markdown: yes,
    adf: yes,
    wiki: 'without `,`, `|`, `!`, brackets and braces',
    storage: yes,
  },
  'foreign-mark': {
    what: 'A mark that only another format knows',
    markdown: gone,
    adf: gone,
    wiki: gone,
    storage: gone,
  },
  'foreign-attributes': {
    what: 'Attributes that only another format knows',
    markdown: gone,
    adf: gone,
    wiki: gone,
    storage: gone,
  },
} as const satisfies Readonly<Record<string, Capability>>

export type Feature = keyof typeof capabilities
