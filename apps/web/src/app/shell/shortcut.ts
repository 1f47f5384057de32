type Keys = Pick<KeyboardEvent, 'key' | 'code' | 'metaKey' | 'ctrlKey' | 'altKey' | 'shiftKey'>

/** True for ⌘ or Ctrl with a letter, on a Hebrew keyboard as well, where `key` is no Latin letter. */
export function isShortcut(event: Keys, letter: string): boolean {
  if (event.altKey || event.shiftKey || event.metaKey === event.ctrlKey) return false
  const pressed = /^[a-z]$/i.test(event.key) ? event.key : event.code.replace(/^Key/, '')
  return pressed.toLowerCase() === letter
}
