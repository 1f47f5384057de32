import { useEffect, useState } from 'react'
import type { CodePiece } from './code-colors.ts'

const classes: Readonly<Record<CodePiece['kind'], string | undefined>> = {
  comment: 'text-muted',
  string: 'text-good-ink',
  number: 'text-warn-ink',
  keyword: 'text-accent-ink',
  plain: undefined,
}

/** Code with its colours, which come when they are there: its text never waits for them. */
export function CodeBlock({
  text,
  language,
}: {
  readonly text: string
  readonly language: string
}) {
  const [coloured, setColoured] = useState<{ text: string; pieces: readonly CodePiece[] }>()
  useEffect(() => {
    if (language === '') return undefined
    let isShown = true
    const load = async () => {
      const { colourPieces } = await import('./code-colors.ts')
      if (isShown) setColoured({ text, pieces: colourPieces(text, language) })
    }
    // Without its colours it is the same code.
    load().catch(() => undefined)
    return () => {
      isShown = false
    }
  }, [text, language])
  if (coloured?.text !== text) return <code>{text}</code>
  return (
    <code>
      {coloured.pieces.map((piece, index) => (
        <span key={index} className={classes[piece.kind]}>
          {piece.text}
        </span>
      ))}
    </code>
  )
}
