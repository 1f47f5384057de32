import { z } from 'zod'
import type { Outbound, OutboundAnswer } from '../../platform/outbound/outbound.ts'
import type { TlsChoice } from '../../platform/outbound/pinned-connection.ts'
import { readJson } from '../../platform/outbound/read-answer.ts'
import type { Secret } from '../../platform/secret/secret.ts'
import { ConnectionRefusal, requireAnswered } from '../reach/connection-failure.ts'
import { type KnownPerson, type TestOutcome, trySteps } from '../reach/try-steps.ts'
import { authorization, isQuotable } from './trello-credential.ts'
import { cleanTrelloUrl } from './trello-requests.ts'

export type TrelloSettings = {
  /** Without `/1`. */
  readonly baseUrl: string
  readonly key: Secret
  readonly token: Secret
  readonly tls?: TlsChoice | undefined
}

const system = 'Trello'
const deadlineMs = 8_000

const optionalText = z.string().min(1).optional().catch(undefined)
const member = z.object({
  id: z.string().min(1),
  username: z.string().min(1),
  fullName: optionalText,
  email: optionalText,
})

/** Tries Trello step by step. Key and token travel in a header: a URL would end in logs. */
export async function tryTrello(
  outbound: Outbound,
  settings: TrelloSettings,
): Promise<TestOutcome> {
  const { tls } = settings
  const baseUrl = cleanTrelloUrl(settings.baseUrl)
  const get = async (path: string): Promise<OutboundAnswer> => {
    const answer = await outbound.send({
      url: `${baseUrl}/1${path}`,
      headers: { accept: 'application/json', authorization: authorizationOf(settings) },
      deadlineMs,
      retriesMax: 0,
      isProbe: true,
      system: 'trello',
      ...tls,
    })
    requireTrello(answer)
    return answer
  }

  let person: KnownPerson | undefined
  const steps = await trySteps({ outbound, baseUrl, tls, system }, [
    {
      step: 'sign-in',
      run: async () => {
        const answer = await get('/members/me?fields=id,username,fullName,email')
        const found = member.safeParse(readJson(answer))
        if (!found.success)
          throw new ConnectionRefusal('connection.unexpected-answer', { system, host: answer.host })
        const { username, fullName = username, email } = found.data
        person = { name: fullName, ...(email === undefined ? {} : { email }) }
      },
    },
    { step: 'permission', run: async () => void (await get('/members/me/boards?fields=id')) },
  ])
  const found = person === undefined ? {} : { person, evidence: person.name ?? '' }
  return { steps, ...found }
}

/** @throws ConnectionRefusal for what no header can carry */
function authorizationOf({ key, token }: TrelloSettings): Secret {
  if (!isQuotable(key)) throw new ConnectionRefusal('trello.bad-key', { system })
  if (!isQuotable(token)) throw new ConnectionRefusal('trello.bad-token', { system })
  return authorization({ key, token })
}

/** Trello's refusals are plain text. */
function requireTrello(answer: OutboundAnswer): void {
  const facts = { system, host: answer.host }
  if (answer.status === 401 && /invalid key/i.test(answer.body))
    throw new ConnectionRefusal('trello.bad-key', facts)
  if (answer.status === 401) throw new ConnectionRefusal('trello.bad-token', facts)
  requireAnswered(answer, system)
}
