import { LinchpinError } from "@linchpin/core";

/** User name and password of HTTP Basic, RFC 7617. @throws LinchpinError `caller_unknown`: the header is malformed */
export function basicCredentialsOf(authorization: string): { userName: string; password: string } {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization)?.[1] ?? "";
  const [userName, ...password] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  if (userName === undefined || password.length === 0) throw new LinchpinError("caller_unknown");
  return { userName, password: password.join(":") };
}
