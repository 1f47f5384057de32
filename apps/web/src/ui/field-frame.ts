/** The visible box of a field; what is typed into stands bare inside it. */
export const frameClass =
  'w-full rounded-field border border-edge bg-surface text-ink transition-colors ' +
  'hover:border-ink/60 group-invalid:border-bad group-disabled:opacity-60 ' +
  'focus-within:border-accent-ink focus-within:outline-2 focus-within:outline-accent-ink ' +
  'focus-within:group-invalid:border-bad focus-within:group-invalid:outline-bad'

export const bareInputClass =
  'min-w-0 flex-1 bg-transparent px-3 py-2 outline-none max-md:min-h-11 max-md:text-base read-only:text-muted'

export const labelClass = 'text-sm font-medium text-ink'
export const descriptionClass = 'text-sm text-muted'
