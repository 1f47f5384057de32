/** Joins the classes that apply: `classNames('card', isWide && 'wide')`. */
export function classNames(...names: readonly (string | false | undefined)[]): string {
  return names.filter(Boolean).join(' ')
}
