import { LaunchError } from './launch-error.mjs'

const hints = [
  {
    pattern:
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|network/,
    hint:
      'The npm registry cannot be reached. Check the network, and behind a proxy set HTTPS_PROXY; ' +
      '"npm config get registry" names the registry that is asked.',
  },
  {
    pattern: /SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER|UNABLE_TO_VERIFY|CERT_/,
    hint:
      'The certificate of the npm registry is not trusted. Put the authority of your network into a ' +
      'file and name it in NODE_EXTRA_CA_CERTS.',
  },
  {
    pattern: /ENOSPC/,
    hint: 'The disk is full. About 1.5 GB are needed; free some and start again.',
  },
  {
    pattern: /EACCES|EPERM|EROFS/,
    hint: 'A file may not be written. Start as the user that owns this clone, on a disk that can be written.',
  },
  {
    pattern: /E40[13]\b/,
    hint: 'The npm registry refuses us. Log in to it (npm login) or choose another in .npmrc.',
  },
  {
    pattern: /E404|ETARGET|ENOVERSIONS/,
    hint: 'The npm registry lacks a version that is needed. Choose one that mirrors npmjs.org completely.',
  },
  {
    pattern: /EUSAGE|in sync/,
    hint: 'package-lock.json does not fit package.json. Run npm install, and commit the lock file.',
  },
  {
    pattern: /EINTEGRITY/,
    hint: 'A downloaded package is damaged. Run npm cache clean --force, then start again.',
  },
]

const shownLines = 30

/** What a person can do about an npm that failed, from what it printed. */
export function explainNpmFailure(what, output) {
  const known = hints.find(({ pattern }) => pattern.test(output))
  if (known === undefined) {
    return new LaunchError(`${what} failed. npm says why:\n${indent(lastLines(output))}`)
  }
  const facts = output.split('\n').filter((line) => /^npm (error|ERR!) \S/.test(line))
  return new LaunchError(`${what} failed. ${known.hint}\n${indent(facts.slice(0, 4).join('\n'))}`)
}

export function lastLines(output) {
  return output.trim().split('\n').slice(-shownLines).join('\n')
}

export function indent(text) {
  return text.replaceAll(/^/gm, '  ')
}
