import { execFileSync } from 'node:child_process'

/**
 * A Python that has a module. Debian's packages belong to Debian's Python, which need not be the first
 * one in the path.
 */
export function pythonWith(module: string): string | undefined {
  return ['python3', '/usr/bin/python3'].find((program) => {
    try {
      execFileSync(program, ['-c', `import ${module}`], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })
}
