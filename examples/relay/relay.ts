// A partner's backend: it holds the credentials, asks who is logged in, and passes on what it can not read.
// `node examples/relay/relay.ts` stands before the sandbox, its one cardholder logged in, at http://127.0.0.1:8421.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

type Authorize = () => Promise<Record<string, string>>;
type MayUse = (request: IncomingMessage, names: unknown[]) => boolean;
type Issuers = Partial<Record<string, { baseUrl: string; authorize: Authorize }>>;

/** What may pass. Cards and users must be the cardholder's own, wherever they are named. */
const routes = [
  "GET /issuer-keys",
  "GET /solaris/v1/cards/pin_keys/latest",
  "POST /solaris/v1/cards/:card/pin_update_requests",
  "POST /solaris/v1/cards/:card/sca_pin_update_requests",
  "POST /solaris/v1/change_requests/:id/authorize",
  "POST /solaris/v1/change_requests/:id/confirm",
  "POST /solaris/v1/mfa/devices",
  "PUT /solaris/v1/mfa/challenges/signatures/:id",
  "GET /adyen/publicKey",
  "POST /adyen/pins/change",
  "POST /adyen/pins/reveal",
  "GET /plumery/internal/v1/cards/:card/pin",
  "GET /lithic/assets/api/api.lithic.com.pub.pem",
  "PATCH /lithic/v1/cards/:card",
  "PUT /spritz/v1/cards/:card/pin",
  "POST /spritz/v1/cards/:card/pin",
  "PUT /spritz/v1/issuing/cards/:card/pin",
  "GET /spritz/v1/issuing/cards/:card/pin",
  "GET /stripe/v1/keys",
  "POST /stripe/v1/issuing/cards/:card",
  "GET /venly/api/security",
  "POST /venly/api/users",
  "POST /venly/api/users/:user/signing-methods",
  "PUT /venly/api/users/:user/signing-methods/:id",
  "POST /venly/api/transactions/execute",
  "POST /worldline/cards/:card/pin",
  "POST /worldline/cards/:card/display-pin",
  "POST /native/sessions",
  "POST /native/operations",
].map((route) => new RegExp(`^${route.replace(/:(card|user)/, "(?<$1>[\\w-]+)").replace(":id", "[\\w-]+")}$`));

const passedHeaders = ["content-type", "encrypted-signing-method", "x-client-public-key", "sessionid"];
const types: Partial<Record<string, string>> = { "issuer-keys": "application/jwk-set+jwt" };
const maxBodyBytes = 20_000;
const timeoutMs = 10_000;

/**
 * `mayUse`: whether whoever is logged in may use cards, users and persons of these names. Here stand the partner's own
 * session and its protection against forged requests.
 */
export function makeRelay(issuers: Issuers, mayUse: MayUse, send: typeof fetch = fetch) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refuse = (status: number) => void response.writeHead(status).end();
    const { method = "", headers } = request;
    const { pathname, search } = new URL(`http://relay${request.url}`);
    const route = routes.map((pattern) => pattern.exec(`${method} ${pathname}`)).find((match) => match !== null);
    const [, protocol = "", path = ""] = /^\/([\w-]+)(\/.*|)$/.exec(pathname) ?? [];
    const issuer = issuers[protocol];
    if (route === undefined || issuer === undefined) return refuse(404);
    if (method !== "GET" && !(Number(headers["content-length"]) <= maxBodyBytes)) return refuse(413);
    try {
      const body = method === "GET" ? null : await text(request);
      const members = JSON.parse(body ?? "{}");
      if (!mayUse(request, [...Object.values(route.groups ?? {}), ...bodyNames(members)])) return refuse(403);
      const passed = passedHeaders.map((name) => [name, headers[name]]).filter(([, value]) => value !== undefined);
      const isForm = protocol === "stripe" && body !== null;
      const answer = await send(issuer.baseUrl + path + search, {
        method,
        headers: { ...Object.fromEntries(passed), ...(isForm ? formType : {}), ...(await issuer.authorize()) },
        // What was looked at, and nothing that another reader would find in it. Venly's bodies are signed to the byte.
        body: isForm ? pinForm(members) : body === null || protocol === "venly" ? body : JSON.stringify(members),
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
      const type = pathname.endsWith(".pem") ? "application/x-pem-file" : (types[protocol] ?? "application/json");
      response.writeHead(answer.status, { "content-type": type }).end(await answer.text());
    } catch {
      refuse(502); // the device finds out what became of it
    }
  };
}

const bodyNames = ({ person_id, paymentInstrumentId, card, session }: Record<string, unknown>) =>
  [person_id, paymentInstrumentId, card, cardOfSession(session)].filter((name) => name !== undefined);

/** A native session names its card: a JWS, which the device and the issuer verify. */
function cardOfSession(session: unknown): unknown {
  if (session === undefined) return undefined;
  return JSON.parse(Buffer.from(String(session).split(".")[1] ?? "", "base64url").toString()).card.ref;
}

/** Stripe takes forms. Of what the device sends, the sealed PIN alone goes into it. */
const pinForm = ({ pin }: { pin?: { encrypted_number?: unknown } }) =>
  new URLSearchParams({ "pin[encrypted_number]": String(pin?.encrypted_number) }).toString();
const formType = { "content-type": "application/x-www-form-urlencoded" };

/** RFC 6749 §4.4. A token is kept until a minute before it ends. */
function clientCredentials(tokenUrl: string, client_id: string, client_secret: string): Authorize {
  let [token, endsAt] = ["", 0];
  return async () => {
    if (Date.now() > endsAt) {
      const form = new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret });
      const reply = await (await fetch(tokenUrl, { method: "POST", body: form })).json();
      [token, endsAt] = [reply.access_token, Date.now() + (reply.expires_in - 60) * 1000];
    }
    return { authorization: `Bearer ${token}` };
  };
}

/** The issuers, as `GET /sandbox` describes them. */
// biome-ignore lint/suspicious/noExplicitAny: the shape of GET /sandbox
export function sandboxIssuers(sandbox: any): Issuers {
  const { solaris, adyen, plumery, venly, native, stripe, spritz, lithic, worldline } = sandbox;
  const [tokenUrl, { clientId, clientSecret }] = [`${solaris.baseUrl}/oauth2/token`, solaris];
  return {
    // The signed list of the issuer's keys is for everyone.
    "issuer-keys": { baseUrl: new URL("/issuer-keys", solaris.baseUrl).href, authorize: async () => ({}) },
    solaris: { baseUrl: solaris.baseUrl, authorize: clientCredentials(tokenUrl, clientId, clientSecret) },
    adyen: { baseUrl: adyen.baseUrl, authorize: async () => ({ "x-api-key": adyen.apiKey }) },
    plumery: { baseUrl: plumery.baseUrl, authorize: async () => ({ authorization: `Bearer ${plumery.bearerToken}` }) },
    lithic: { baseUrl: lithic.baseUrl, authorize: async () => ({ authorization: lithic.apiKey }) },
    stripe: { baseUrl: stripe.baseUrl, authorize: async () => ({ authorization: `Bearer ${stripe.apiKey}` }) },
    spritz: { baseUrl: spritz.baseUrl, authorize: async () => ({ authorization: `Bearer ${spritz.apiKey}` }) },
    venly: { baseUrl: venly.baseUrl, authorize: clientCredentials(venly.tokenUrl, venly.clientId, venly.clientSecret) },
    // The bank knows which issuer its cards are of.
    worldline: {
      baseUrl: `${worldline.baseUrl}/card-issuing/api/v2/issuers/${worldline.issuerId}`,
      authorize: clientCredentials(worldline.tokenUrl, worldline.clientId, worldline.clientSecret),
    },
    native: {
      baseUrl: native.baseUrl,
      authorize: clientCredentials(native.tokenUrl, native.clientId, native.clientSecret),
    },
  };
}

if (import.meta.main) {
  const { LINCHPIN_URL = "http://127.0.0.1:8420", PORT = "8421" } = process.env;
  const sandbox = await (await fetch(`${LINCHPIN_URL}/sandbox`)).json();
  createServer(makeRelay(sandboxIssuers(sandbox), () => true)).listen(Number(PORT), "127.0.0.1");
}
