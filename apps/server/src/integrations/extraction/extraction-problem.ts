/** Why nothing was read of a document; its code is one of the catalogue. */
export class ExtractionProblem extends Error {
  override readonly name = 'ExtractionProblem'
  readonly code: 'document.damaged' | 'document.protected' | 'document.unpacks-too-large'

  constructor(code: ExtractionProblem['code']) {
    super(code)
    this.code = code
  }
}
