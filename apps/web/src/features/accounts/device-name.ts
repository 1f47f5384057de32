const browsers = [
  ['Edge', /\bEdgi?A?\//],
  ['Opera', /\bOPR\//],
  ['Firefox', /\b(Firefox|FxiOS)\//],
  ['Chrome', /\b(Headless)?(Chrome|CriOS)\//],
  ['Safari', /\bSafari\//],
] as const

const systems = [
  ['Android', /\bAndroid\b/],
  ['iOS', /\b(iPhone|iPad)\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMacintosh\b/],
  ['Linux', /\bLinux\b/],
] as const

/**
 * What a person would call the device.
 *
 * @param userAgent as the browser sent it; anybody can send anything
 * @returns undefined for what names no known browser and system. Never throws.
 */
export function deviceOf(
  userAgent: string | undefined,
): { readonly browser: string; readonly system: string } | undefined {
  const nameIn = (names: readonly (readonly [string, RegExp])[]) =>
    names.find(([, sign]) => sign.test(userAgent ?? ''))?.[0]
  const [browser, system] = [nameIn(browsers), nameIn(systems)]
  return browser === undefined || system === undefined ? undefined : { browser, system }
}
