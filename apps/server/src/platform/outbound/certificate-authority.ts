import { X509Certificate } from 'node:crypto'
import type { Certificate } from '@studioops/contracts/connections'
import { AppError } from '../errors/app-error.ts'

const block = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g
const blocksMax = 20

/**
 * Reads an uploaded certificate, or a file of several, of which the first names the others.
 *
 * @returns the text with nothing but certificates in it, and what the first says of itself
 * @throws AppError `certificate.unreadable`, `certificate.not-authority`, `certificate.expired`
 */
export function readAuthority(
  text: string,
  now: Date = new Date(),
): { readonly pem: string; readonly facts: Certificate } {
  const blocks = text.match(block) ?? []
  const certificates = blocks.slice(0, blocksMax).map(parse)
  const [first] = certificates
  if (first === undefined || blocks.length > blocksMax) throw new AppError('certificate.unreadable')
  for (const certificate of certificates) requireAuthority(certificate, now)
  return { pem: `${blocks.join('\n')}\n`, facts: describeCertificate(first) }
}

/** What a stored certificate says of itself; it was read before it was stored. */
export function certificateFacts(pem: string): Certificate | undefined {
  const [first] = pem.match(block) ?? []
  return first === undefined ? undefined : describeCertificate(parse(first))
}

function parse(text: string): X509Certificate {
  try {
    return new X509Certificate(text)
  } catch (error) {
    throw new AppError('certificate.unreadable', { cause: error })
  }
}

function requireAuthority(certificate: X509Certificate, now: Date): void {
  const { subject, issuer, expiresAt } = describeCertificate(certificate)
  const isSelfSigned =
    certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey)
  if (!certificate.ca && !isSelfSigned)
    throw new AppError('certificate.not-authority', { facts: { subject, issuer } })
  if (certificate.validToDate < now)
    throw new AppError('certificate.expired', {
      facts: { subject, date: expiresAt.slice(0, 10) },
    })
}

function describeCertificate(certificate: X509Certificate): Certificate {
  return {
    subject: nameIn(certificate.subject),
    issuer: nameIn(certificate.issuer),
    expiresAt: certificate.validToDate.toISOString(),
    fingerprint: certificate.fingerprint256,
  }
}

const nameLengthMax = 200

/** The common name of a distinguished name, which comes a part a line; else all of it. */
function nameIn(distinguished = ''): string {
  const common = /^CN=(.+)$/m.exec(distinguished)?.[1]
  return (common ?? distinguished.replaceAll('\n', ', ')).slice(0, nameLengthMax)
}
