/**
 * Calls back once when the process that started us is gone: its end of the IPC channel closes,
 * also when it was killed. Without such a channel nobody waits for us, and nothing is called.
 *
 * @returns ends the watch
 */
export function onParentGone(callback: () => void): () => void {
  if (process.channel === undefined || process.channel === null) return () => {}
  if (!process.connected) {
    queueMicrotask(callback)
    return () => {}
  }
  process.once('disconnect', callback)
  // A listener for the channel would otherwise keep the process alive on its own.
  process.channel.unref()
  return () => void process.off('disconnect', callback)
}
