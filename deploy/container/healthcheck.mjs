// Exits with 0 where the process of this container answers. It asks for liveness: a database that is away is not mended
// by a restart, and `/health/ready` says so to whoever sends requests.
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { connect } from "node:net";

const { LINCHPIN_PORT, LINCHPIN_TLS_CERTIFICATE_FILE, LINCHPIN_TLS_CLIENT_CA_FILE } = process.env;
const address = { host: "127.0.0.1", port: Number(LINCHPIN_PORT || 8420) };
const timeoutMs = 2_000;

setTimeout(() => process.exit(1), timeoutMs).unref();
// Where callers must show a certificate, this script has none: that the port is open must do.
if (LINCHPIN_TLS_CLIENT_CA_FILE) connect(address, () => process.exit(0)).on("error", () => process.exit(1));
else if (LINCHPIN_TLS_CERTIFICATE_FILE) ask(requestHttps, { rejectUnauthorized: false });
else ask(requestHttp, {});

function ask(request, options) {
  request({ ...address, ...options, path: "/health/live" }, ({ statusCode }) =>
    process.exit(statusCode === 200 ? 0 : 1),
  )
    .on("error", () => process.exit(1))
    .end();
}
