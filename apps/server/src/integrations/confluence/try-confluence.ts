import { z } from 'zod'
import type { Outbound, OutboundAnswer } from '../../platform/outbound/outbound.ts'
import type { TlsChoice } from '../../platform/outbound/pinned-connection.ts'
import { readJson } from '../../platform/outbound/read-answer.ts'
import type { Secret } from '../../platform/secret/secret.ts'
import {
  authorization,
  credentialOf,
  isSendable,
  type AtlassianFlavour,
} from '../atlassian/atlassian-credential.ts'
import { confluenceBase } from './confluence-requests.ts'
import { ConnectionRefusal, requireAnswered } from '../reach/connection-failure.ts'
import { type KnownPerson, type TestOutcome, trySteps } from '../reach/try-steps.ts'

export type ConfluenceSettings = {
  readonly baseUrl: string
  readonly flavour: AtlassianFlavour
  /** Cloud: the e-mail address that the token belongs to. */
  readonly loginEmail: string | undefined
  readonly token: Secret
  readonly tls?: TlsChoice | undefined
}

const system = 'Confluence'
const deadlineMs = 8_000

const optionalText = z.string().min(1).optional().catch(undefined)

/** `GET /rest/api/user/current`, of both flavours; nothing more than we read. */
const currentUser = z.object({
  type: z.string().catch(''),
  username: optionalText,
  accountId: optionalText,
  email: optionalText,
  displayName: optionalText,
  publicName: optionalText,
})

const spacePage = z.object({ results: z.array(z.unknown()) })

/**
 * Tries a Confluence step by step. A status proves nothing: a wrong token of Data Center may be
 * answered as nobody, with 200 (CONFSERVER-98199), so only a person is a pass (D-4).
 */
export async function tryConfluence(
  outbound: Outbound,
  settings: ConfluenceSettings,
): Promise<TestOutcome> {
  const { flavour, token, tls } = settings
  const baseUrl = confluenceBase(settings.baseUrl, flavour)
  const credential = credentialOf(settings)
  const get = async (path: string): Promise<OutboundAnswer> => {
    if (!isSendable(token.reveal())) throw new ConnectionRefusal('connection.bad-token', { system })
    const answer = await outbound.send({
      url: `${baseUrl}${path}`,
      headers: { accept: 'application/json', authorization: authorization(credential) },
      deadlineMs,
      retriesMax: 0,
      isProbe: true,
      system: 'confluence',
      ...tls,
    })
    requireAnswered(answer, system)
    return answer
  }

  let person: KnownPerson | undefined
  const steps = await trySteps({ outbound, baseUrl, tls, system }, [
    {
      step: 'sign-in',
      run: async () => {
        const answer = await get('/rest/api/user/current')
        person = personIn(answer, flavour)
      },
    },
    {
      step: 'permission',
      run: async () => {
        const answer = await get(
          flavour === 'cloud' ? '/api/v2/spaces?limit=1' : '/rest/api/space?limit=1',
        )
        if (read(spacePage, answer).results.length === 0)
          throw new ConnectionRefusal('connection.nothing-visible', { system })
      },
    },
  ])
  const found = person === undefined ? {} : { person, evidence: person.name ?? '' }
  return { steps, ...found }
}

/** @throws ConnectionRefusal `connection.anonymous` where Confluence answered as to a stranger */
function personIn(answer: OutboundAnswer, flavour: AtlassianFlavour): KnownPerson {
  const user = read(currentUser, answer)
  const id = flavour === 'cloud' ? user.accountId : user.username
  if (user.type === 'anonymous' || id === undefined)
    throw new ConnectionRefusal('connection.anonymous', { system, host: answer.host })
  return {
    id: { kind: flavour === 'cloud' ? 'cloud' : 'data-center', value: id },
    name: user.displayName ?? user.publicName ?? id,
    ...(user.email === undefined ? {} : { email: user.email }),
  }
}

function read<T>(schema: z.ZodType<T>, answer: OutboundAnswer): T {
  const parsed = schema.safeParse(readJson(answer))
  if (parsed.success) return parsed.data
  throw new ConnectionRefusal('connection.unexpected-answer', { system, host: answer.host })
}
