/** A passage with questions that it answers. Names tell passages of one language apart. */
export type JudgedPassage = {
  readonly name: string
  readonly text: string
  readonly questions: readonly string[]
  /** Passages that help with the same questions, though they do not answer them. */
  readonly related: readonly string[]
}
