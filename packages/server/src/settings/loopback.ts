/** Whether a host, as it stands in a URL or in LINCHPIN_HOST, is this machine and no other. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.[0-9]+){3}|::1|\[::1\])$/i.test(host);
}
