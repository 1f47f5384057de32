import { useState } from 'react'

/**
 * A key that lives as long as the form does: however often it is sent, it is one request. Call
 * `renew` after a success, when the next press means something new.
 */
export function useIdempotencyKey(): { readonly key: string; readonly renew: () => void } {
  const [key, setKey] = useState(newIdempotencyKey)
  return { key, renew: () => setKey(newIdempotencyKey()) }
}

/** 32 hexadecimal digits; works without HTTPS too, where `crypto.randomUUID` does not exist. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * A key for what is sent: the same for the same again, so that an answer that was lost is asked for
 * once more, and another one as soon as something in it was corrected.
 */
export function useKeyOf(): (body: unknown) => string {
  const [last] = useState(() => ({ text: '', key: '' }))
  return (body) => {
    const text = JSON.stringify(body)
    if (text !== last.text) Object.assign(last, { text, key: newIdempotencyKey() })
    return last.key
  }
}
