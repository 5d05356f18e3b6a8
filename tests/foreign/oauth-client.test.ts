import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";
import * as oauth from "oauth4webapi";

// Whoever has an OAuth library uses it: RFC 6749 §2.3.1 and §3.2, as oauth4webapi reads them.
describe("a standard OAuth client", () => {
  let issuer: SandboxIssuer;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of GET /sandbox
  let sandbox: any;
  before(async () => {
    issuer = await startSandboxIssuer();
    ({ body: sandbox } = await call("GET", `${issuer.url}/sandbox`));
  });
  after(() => issuer.stop());

  const authentications = { "HTTP Basic": oauth.ClientSecretBasic, "the form": oauth.ClientSecretPost };
  const tokenUrls = {
    solaris: () => `${sandbox.solaris.baseUrl}/oauth2/token`,
    venly: () => String(sandbox.venly.tokenUrl),
  };

  async function requestToken(
    protocol: keyof typeof tokenUrls,
    authentication: oauth.ClientAuth,
    parameters: Record<string, string>,
  ) {
    const server = { issuer: issuer.url, token_endpoint: tokenUrls[protocol]() };
    const client = { client_id: sandbox[protocol].clientId };
    const response = await oauth.clientCredentialsGrantRequest(server, client, authentication, parameters, {
      [oauth.allowInsecureRequests]: true,
    });
    return oauth.processClientCredentialsResponse(server, client, response);
  }

  for (const protocol of ["solaris", "venly"] as const)
    for (const [how, authenticate] of Object.entries(authentications)) {
      it(`gets a token of ${protocol} by ${how}, whatever else it sends`, async () => {
        const authentication = authenticate(sandbox[protocol].clientSecret);
        for (const parameters of [{}, { scope: "" }, { audience: "cards", resource: "https://issuer.example" }]) {
          const { access_token: token, token_type } = await requestToken(protocol, authentication, parameters);
          assert.ok(token.length > 20);
          assert.equal(token_type, "bearer");
        }
      });
    }

  it("is refused with a wrong secret, in the words of RFC 6749 and by the scheme that it came with", async () => {
    await assert.rejects(requestToken("venly", oauth.ClientSecretBasic("wrong"), {}), (error: Error) => {
      assert.ok(error instanceof oauth.WWWAuthenticateChallengeError);
      assert.equal(error.cause[0]?.scheme, "basic");
      return true;
    });
    const refusal = requestToken("venly", oauth.ClientSecretPost("wrong"), {});
    await assert.rejects(refusal, { name: "ResponseBodyError", error: "invalid_client", status: 401 });
  });
});
