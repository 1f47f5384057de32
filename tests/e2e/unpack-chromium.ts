import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Unpacks the Chromium of `@sparticuz/chromium` and its libraries into TMPDIR. A program of its own,
 * because the package changes the environment of whoever imports it. Needs
 * `AWS_LAMBDA_JS_RUNTIME=nodejs24.x`, without which the package leaves its libraries packed.
 */
const folder = process.env['TMPDIR'] ?? ''
const { default: chromium } = await import('@sparticuz/chromium')
const executable = await chromium.executablePath()
// Whoever else works in this clone may run it too.
await chmod(folder, 0o755)
await chmod(executable, 0o755)

// The package's own file names folders in /tmp, which may be those of somebody else.
await mkdir(join(folder, 'fonts'), { recursive: true })
await writeFile(
  join(folder, 'fonts/fonts.conf'),
  `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">.</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`,
)
