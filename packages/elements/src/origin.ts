/**
 * An origin as browsers write it in `MessageEvent.origin`: in lower case, without a slash or a default port.
 * @throws TypeError for whatever is more than an origin, or less
 */
export function originOf(name: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`)
    throw new TypeError(`${name} must be an origin, such as https://pin.example`);
  return url.origin;
}
