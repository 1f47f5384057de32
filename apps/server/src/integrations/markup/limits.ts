/** Beyond these a parser's own recursion and backtracking would hold up everybody else. */
export const depthMax = 12

/** Characters of Markdown, and of wiki markup. */
export const textLengthMax = 100_000

/** Characters of storage format; the largest pages that Confluence takes have five million. */
export const storageLengthMax = 6_000_000

/** Levels of elements or nodes, of storage and ADF. */
export const nodeDepthMax = 100
