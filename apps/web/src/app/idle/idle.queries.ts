import { extendSession, getSession, type Session } from '@studioops/contracts/accounts'
import { limits } from '@studioops/contracts/limits'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { useApi } from '../../lib/api-context.tsx'
import { isSessionOver } from '../../lib/problem.ts'
import {
  openSessionChannel,
  type SessionMessage,
  tellOtherTabs,
} from '../../lib/session-channel.ts'
import { sessionKey, useSession } from '../../lib/session.queries.ts'
import { useLeave } from '../session-end.queries.ts'
import { type IdleState, idleState, isReportDue } from './idle-clock.ts'

const idleLimits = { warningMs: limits.sessionWarningSeconds * 1_000, reportMs: 60_000 }
const tickMs = 1_000
const activities = ['pointerdown', 'keydown', 'wheel', 'touchstart', 'input'] as const

/** The state of the idle clock of this tab, which agrees with all others. */
export function useIdle() {
  const api = useApi()
  const queries = useQueryClient()
  const leave = useLeave()
  const { data } = useSession()
  const [state, setState] = useState<IdleState>({ kind: 'quiet' })
  const clock = useRef({ lastActMs: 0, lastReportMs: 0, endsAtMs: Infinity })

  const follow = (session: Session) => {
    clock.current.endsAtMs = Date.parse(session.idleEndsAt)
    queries.setQueryData(sessionKey, { session })
    setState(idleState({ endsAtMs: clock.current.endsAtMs, nowMs: api.serverNow() }, idleLimits))
  }
  const extend = useMutation({
    mutationFn: () => api.call(extendSession, {}),
    onMutate: () => {
      clock.current.lastReportMs = Date.now()
    },
    onSuccess: ({ session }) => {
      follow(session)
      tellOtherTabs({ type: 'extended', endsAtMs: clock.current.endsAtMs })
    },
  })
  const end = () => {
    tellOtherTabs({ type: 'ended', reason: 'idle' })
    leave('idle')
  }
  /** Another tab may have been active while this one slept, so the server has the last word. */
  const ask = useMutation({
    mutationFn: () => api.call(getSession, {}),
    onSuccess: ({ session }) => (session === undefined ? end() : follow(session)),
    onError: (error) => {
      if (!isSessionOver(error)) end()
    },
  })

  const tick = useEffectEvent(() => {
    const { endsAtMs, ...acts } = clock.current
    const next = idleState({ endsAtMs, nowMs: api.serverNow() }, idleLimits)
    setState((last) => (isSame(last, next) ? last : next))
    if (next.kind === 'over' && !ask.isPending) ask.mutate()
    const isDue = next.kind === 'quiet' && isReportDue({ ...acts, nowMs: Date.now() }, idleLimits)
    if (isDue && !extend.isPending) extend.mutate()
  })
  const hear = useEffectEvent((message: SessionMessage) => {
    if (message.type === 'ended') leave(message.reason)
    else clock.current.endsAtMs = Math.max(clock.current.endsAtMs, message.endsAtMs)
  })

  const idleEndsAt = data?.session?.idleEndsAt
  useEffect(() => {
    if (idleEndsAt !== undefined) clock.current.endsAtMs = Date.parse(idleEndsAt)
  }, [idleEndsAt])
  useEffect(() => {
    const act = () => {
      clock.current.lastActMs = Date.now()
    }
    const wake = () => tick()
    const timer = setInterval(wake, tickMs)
    for (const name of activities) addEventListener(name, act, { passive: true, capture: true })
    document.addEventListener('visibilitychange', wake)
    const channel = openSessionChannel()
    channel.listen((message) => hear(message))
    return () => {
      clearInterval(timer)
      for (const name of activities) removeEventListener(name, act, { capture: true })
      document.removeEventListener('visibilitychange', wake)
      channel.close()
    }
  }, [])

  return { state, stay: () => extend.mutate(), isStaying: extend.isPending }
}

function isSame(one: IdleState, other: IdleState): boolean {
  if (one.kind !== 'warning' || other.kind !== 'warning') return one.kind === other.kind
  return one.secondsLeft === other.secondsLeft
}
