import type { KnownPerson, TestOutcome } from '../reach/try-steps.ts'
import type { Outbound } from '../../platform/outbound/outbound.ts'
import type { TlsChoice } from '../../platform/outbound/pinned-connection.ts'
import type { Secret } from '../../platform/secret/secret.ts'
import { createJiraClient } from './jira-client.ts'
import { credentialOf, type JiraFlavour } from './jira-credential.ts'
import { JiraError, jiraErrorCode, toJiraRefusal } from './jira-error.ts'
import { detectFlavour } from './jira-flavour.ts'
import type { JiraIdentity } from './jira-identity.ts'
import { testJiraConnection } from './test-jira-connection.ts'

type Question = {
  readonly jiraUrl: string
  readonly token: Secret
  /** Given where the person signs in to Jira Cloud. */
  readonly cloudEmail: string | undefined
  readonly tls?: TlsChoice
}

/**
 * Whose token this is, with the picture. Nothing is repeated: a person waits.
 *
 * @throws AppError `jira.*`
 */
export async function askWhoIAm(outbound: Outbound, { jiraUrl, token, cloudEmail, tls }: Question) {
  try {
    const address = { outbound, baseUrl: jiraUrl, ...tls }
    const flavour = await detectFlavour(address, { deadlineMs: 8_000 })
    const credential = credentialOf({ flavour, token, loginEmail: cloudEmail })
    const client = createJiraClient({ ...address, flavour, credential })
    const found = await client.myself({ deadlineMs: 8_000, retriesMax: 0, isProbe: true })
    const { employeeId, name, displayName, email, avatarUrl, baseUrl } = found
    return {
      identity: {
        employeeId,
        name,
        displayName,
        flavour,
        jiraUrl: baseUrl,
        ...(email === undefined ? {} : { email }),
      },
      avatarUrl,
      avatar: avatarUrl === undefined ? undefined : await pictureOf(client.avatar(avatarUrl)),
    }
  } catch (error) {
    throw error instanceof JiraError ? toJiraRefusal(error) : error
  }
}

/** A picture that cannot be had is no reason to refuse a person. */
async function pictureOf(image: ReturnType<ReturnType<typeof createJiraClient>['avatar']>) {
  try {
    const { bytes, contentType } = await image
    return { bytes: Buffer.from(bytes), mediaType: contentType }
  } catch (error) {
    if (error instanceof JiraError) return undefined
    throw error
  }
}

type Access = {
  readonly baseUrl: string
  readonly flavour: JiraFlavour
  readonly loginEmail: string | undefined
  readonly token: Secret
  readonly tls?: TlsChoice
}

/** Tries a connection step by step; failures are in the result, in words of the catalogue. */
export async function tryJira(outbound: Outbound, access: Access): Promise<TestOutcome> {
  const { baseUrl, flavour, tls } = access
  const { steps, identity } = await testJiraConnection({
    outbound,
    baseUrl,
    flavour,
    credential: credentialOf(access),
    ...tls,
  })
  return {
    steps: steps.map(({ failure, ...step }) => ({
      ...step,
      ...(failure === undefined
        ? {}
        : { failure: { code: jiraErrorCode(failure), facts: new JiraError(failure).facts } }),
    })),
    ...(identity === undefined
      ? {}
      : { evidence: identity.displayName, person: personOf(identity, flavour) }),
  }
}

function personOf(
  { employeeId, displayName, email }: JiraIdentity,
  flavour: JiraFlavour,
): KnownPerson {
  return {
    id: { kind: flavour === 'cloud' ? 'cloud' : 'data-center', value: employeeId },
    name: displayName,
    ...(email === undefined ? {} : { email }),
  }
}
