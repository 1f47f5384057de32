/** What the tabs of one browser tell each other about the session. */
export type SessionMessage =
  | { readonly type: 'extended'; readonly endsAtMs: number }
  | { readonly type: 'ended'; readonly reason: 'idle' | 'signed-out' }

export type SessionChannel = {
  readonly tell: (message: SessionMessage) => void
  readonly listen: (listener: (message: SessionMessage) => void) => void
  readonly close: () => void
}

const silent: SessionChannel = { tell: () => {}, listen: () => {}, close: () => {} }

/** All tabs agree on the end of the session (D-5). A browser without channels has one tab. */
export function openSessionChannel(): SessionChannel {
  if (typeof BroadcastChannel === 'undefined') return silent
  const channel = new BroadcastChannel('studioops-session')
  return {
    tell: (message) => channel.postMessage(message),
    listen: (listener) =>
      channel.addEventListener('message', (event: MessageEvent<SessionMessage>) =>
        listener(event.data),
      ),
    close: () => channel.close(),
  }
}

/** Says one thing to the other tabs. */
export function tellOtherTabs(message: SessionMessage): void {
  const channel = openSessionChannel()
  channel.tell(message)
  channel.close()
}
