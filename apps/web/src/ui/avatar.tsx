import { useState } from 'react'
import { classNames } from '../lib/class-names.ts'

const sizes = { small: 'size-8 text-sm', large: 'size-16 text-2xl' }

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })

function firstCharacter(word = ''): string {
  return segmenter.segment(word)[Symbol.iterator]().next().value?.segment ?? ''
}

/** The first letters of the first and the last word. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/)
  const ends = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return ends.map(firstCharacter).join('').toLocaleUpperCase()
}

/** A person's picture, or the initials where there is none. Decoration: the name stands beside it. */
export function Avatar({
  name,
  src,
  size = 'small',
}: {
  readonly name: string
  /** A path of this server or a `data:` URL. */
  readonly src?: string | undefined
  readonly size?: keyof typeof sizes
}) {
  const [failedSrc, setFailedSrc] = useState<string>()
  const box = classNames(
    'grid shrink-0 place-items-center overflow-hidden rounded-full bg-accent-soft font-semibold text-accent-ink',
    sizes[size],
  )
  if (src === undefined || src === failedSrc)
    return (
      <span aria-hidden className={box}>
        <bdi>{initialsOf(name)}</bdi>
      </span>
    )
  return (
    <span className={box}>
      <img src={src} alt="" className="size-full object-cover" onError={() => setFailedSrc(src)} />
    </span>
  )
}
