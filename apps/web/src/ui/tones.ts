export type Tone = 'neutral' | 'accent' | 'good' | 'warn' | 'bad'

/** Ground, border and text of a tone; never the only sign of a state. */
export const toneClasses: Record<Tone, string> = {
  neutral: 'border-line bg-sunken text-muted',
  accent: 'border-accent-line bg-accent-soft text-accent-ink',
  good: 'border-good-line bg-good-soft text-good-ink',
  warn: 'border-warn-line bg-warn-soft text-warn-ink',
  bad: 'border-bad-line bg-bad-soft text-bad-ink',
}
