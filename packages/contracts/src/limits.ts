/** Every number that is a promise of the product (PERF-5), in one place for server, page and tests. */
export const limits = {
  sessionMinutes: [15, 20, 30],
  sessionAbsoluteHours: 12,
  sessionWarningSeconds: 60,
  stepUpMinutes: 5,
  /** Open at once by one person, on one server; a browser keeps one a tab. */
  socketsMax: 20,
  /** Runs that one socket follows at once. */
  socketRunsMax: 20,
  /** Of one message of a client. */
  socketMessageBytesMax: 16_384,
  socketTicketSeconds: 30,
  accessTokenNameMax: 100,
  accessTokensMax: 50,
  toolServerNameMax: 60,
  toolServersMax: 20,
  /** What a model is told of all tools of a person (CON-9). */
  toolHintTokensMax: 1_500,
  summaryGraphemes: 150,
  pageTitleCharacters: 255,
  /** Jira's own limit of a summary, in UTF-16 units. */
  jiraSummaryLength: 255,
  storyPointsMax: 3,
  requirementGraphemes: 8_000,
  instructionGraphemes: 2_000,
  criteriaMax: 30,
  criterionGraphemes: 600,
  sectionGraphemes: 4_000,
  regenerationRounds: 2,
  /** Of one split, both levels together. */
  childrenMax: 12,
  splitLevels: 2,
  sectionTitleGraphemes: 80,
  templateSectionsMax: 12,
  templateBodyLengthMax: 8_000,
  templateNameGraphemes: 80,
  templatesMax: 50,
  promptTextGraphemes: 2_000,
  promptsMax: 50,
  /** What a model is given as context of one story, by our own estimate. */
  storyContextTokens: 8_000,
  storySourcesMax: 12,
  /** Offered while one types. */
  foundSourcesMax: 10,
  storyLabelsMax: 20,
  storyComponentsMax: 20,
  storyLinksMax: 20,
  bypassReasonGraphemes: 500,
  approveAtOnceMax: 50,
  exportMax: 200,
  ruleWordsMax: 100,
  /** Of one question in a chat. */
  chatMessageGraphemes: 16_000,
  chatTitleGraphemes: 120,
  /** What a model is given for one answer of a chat (AI-3), by our own estimate. */
  chatContextTokens: 16_000,
  chatReadsMax: 6,
  chatRoundsMax: 4,
  chatRestoreDays: 30,
  passwordBytesMax: 1_024,
  passwordLengthMin: 8,
  longPasswordLengthMin: 15,
  displayNameLengthMax: 100,
  linkTokenLengthMax: 100,
  recoveryCodes: 10,
  invitationDays: 7,
  passwordResetMinutes: 15,
  tokenLengthMax: 255,
  /** Of the cookie of a company model, which may carry a whole session. */
  cookieLengthMax: 4_096,
  /** Of each of the four files of a company model, in UTF-16 units. */
  companyFileLengthMax: 60_000,
  /** Of a certificate (PEM) that somebody uploads, chains included. */
  certificateLengthMax: 20_000,
  /** Of cards, lists and items of checklists; Trello's own limit is 16,384. */
  cardNameLengthMax: 512,
  /** Of a description or a comment; Trello takes 16,384 with our mark. */
  cardTextLengthMax: 16_000,
  connectionTestsPerMinute: 10,
  /** How long a secret stays on the screen after it was asked for (D-23). */
  revealSeconds: 20,
  /** Of the sealed proof of a registration, which carries the picture. */
  ticketLengthMax: 100_000,
  avatarBytesMax: 48_000,
  urlLengthMax: 2_000,
  backgroundRetries: 5,
  /** Of a four-byte integer. */
  auditSequenceMax: 2_147_483_647,
  /** Of one document. */
  documentBytesMax: 100_000_000,
  /** The largest that anybody can mean. */
  fileBytesMax: 100_000_000_000_000,
  rowIdMax: 100_000_000_000_000,
  /** File systems end there. */
  documentNameBytesMax: 255,
  documentTagsMax: 20,
  documentTagLengthMax: 50,
  /** Of the bytes of an upload, in one request. */
  uploadPartBytesMax: 4_194_304,
  /** Of one person, open at the same time. */
  uploadsMax: 200,
  /** After which an upload that nobody goes on with is forgotten. */
  uploadHours: 24,
  trashDays: 30,
  /** Of one request. */
  bodyBytesMax: 5_000_000,
  /** Of one story; far beyond what anybody writes, and what a column takes. */
  versionsMax: 1_000_000,
  projectNameGraphemes: 120,
  projectDescriptionGraphemes: 2_000,
  projectMembersMax: 500,
  projectLinksMax: 50,
  searchLengthMax: 200,
  purchaseNameGraphemes: 120,
  purchaseTextGraphemes: 500,
  importBytesMax: 2_000_000,
  importRowsMax: 2_000,
} as const

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })

/**
 * How many characters a person would count (D-27).
 *
 * @returns user-perceived characters: Unicode extended grapheme clusters, UAX #29. Never throws.
 */
export function countGraphemes(text: string): number {
  let count = 0
  for (const _ of segmenter.segment(text)) count += 1
  return count
}

/** Whether a person would count at most so many characters. Never throws. */
export function fitsGraphemes(text: string, graphemesMax: number): boolean {
  // A grapheme has at least one code unit, and counting units costs nothing.
  return text.length <= graphemesMax || countGraphemes(text) <= graphemesMax
}

/**
 * Shortens a text at a word, with an ellipsis.
 *
 * @param graphemesMax of the result, the ellipsis included; at least 1
 * @returns the trimmed text where it is short enough already
 */
export function shortenText(text: string, graphemesMax: number): string {
  const trimmed = text.trim()
  // A grapheme has at least one code unit, and counting units costs nothing.
  if (trimmed.length <= graphemesMax) return trimmed
  const graphemes = Array.from(segmenter.segment(trimmed), ({ segment }) => segment)
  if (graphemes.length <= graphemesMax) return trimmed
  const kept = graphemes.slice(0, graphemesMax - 1).join('')
  return `${kept.replace(/\s+\S*$/, '') || kept}…`
}
