// Exits with 0 where the process of this container answers. It asks for liveness: a database that is away is not mended
// by a restart, and `/health/ready` says so to whoever sends requests. It asks at the port of the health routes, which
// needs neither TLS nor a certificate of the caller.
const url = `http://127.0.0.1:${process.env.LINCHPIN_HEALTH_PORT}/health/live`;
const status = await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
  (answer) => answer.status,
  (error) => `${error.cause?.message ?? error.message}`,
);
if (status !== 200) process.stderr.write(`${url}: ${status}\n`);
process.exit(status === 200 ? 0 : 1);
