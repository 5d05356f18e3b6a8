import { type Context, forbidCaching } from "@linchpin/server/issuer";
import { verifyAuditChain } from "@linchpin/store";
import type { FastifyInstance, FastifyReply } from "fastify";
import { makePage } from "#make-page";
import type { PageFiles } from "./page-files.ts";
import { sandboxProtocols } from "./protocol-table.ts";
import { originOf, readRoots, withPan } from "./read-origin.ts";
import type { SandboxCard } from "./sandbox-protocol.ts";
import { makeNativeOnlyCard, makeSandboxCard, sandboxCard, sandboxNames } from "./seed.ts";

const contentSecurityPolicy = [
  "default-src 'none'",
  ...["script-src", "style-src", "connect-src", "img-src"].map((directive) => `${directive} 'self'`),
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
  ...["base-uri", "form-action", "frame-ancestors"].map((directive) => `${directive} 'none'`),
].join("; ");

/** Swagger UI makes markup from strings, and shows icons by `data:`. It runs no script of the document's. */
const docsContentSecurityPolicy = [
  "default-src 'none'",
  ...["script-src", "style-src", "connect-src"].map((directive) => `${directive} 'self'`),
  "img-src 'self' data:",
  ...["base-uri", "form-action", "frame-ancestors"].map((directive) => `${directive} 'none'`),
].join("; ");

/** The page at `/`, and what it asks for: whose phone it is, which roots to pin, and whether the audit chain holds. */
export async function pageRoutes(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  forbidCaching(app);
  let page: Promise<PageFiles> | undefined;
  const part = (path: string, name: keyof PageFiles, mediaType: string, policy = contentSecurityPolicy) =>
    app.get(path, { schema: { hide: true } }, async (_request, reply: FastifyReply) => {
      page ??= makePage();
      const text = (await page)[name];
      return reply.type(mediaType).header("content-security-policy", policy).send(text);
    });
  part("/", "html", "text/html; charset=utf-8");
  part("/sandbox/page.js", "script", "text/javascript; charset=utf-8");
  part("/sandbox/page.css", "style", "text/css; charset=utf-8");
  part("/sandbox/icon.svg", "icon", "image/svg+xml");
  part("/docs", "docsHtml", "text/html; charset=utf-8", docsContentSecurityPolicy);
  part("/docs/docs.js", "docsScript", "text/javascript; charset=utf-8");
  part("/docs/docs.css", "docsStyle", "text/css; charset=utf-8");

  app.get("/sandbox/cardholder", { schema: { hide: true } }, () => describe(context, sandboxCard, false));
  app.post("/sandbox/cardholder", { schema: { hide: true } }, async () =>
    describe(context, await makeSandboxCard(context), false),
  );
  app.post("/sandbox/cardholder/native-only", { schema: { hide: true } }, async () =>
    describe(context, await makeNativeOnlyCard(context), true),
  );
  // The page is served by the operator's own origin: what it pins comes from there, and not by the relay.
  app.get("/sandbox/pins", { schema: { hide: true } }, async () => {
    await readRoots(context);
    const { issuerKeysUrl, roots } = originOf(context);
    return { issuer: new URL(issuerKeysUrl).origin, roots };
  });
  app.get("/sandbox/audit-chain", { schema: { hide: true } }, async () => {
    const { events, ...verification } = await verifyAuditChain(context.store);
    return { events: Number(events), ...verification };
  });
}

/**
 * By which names the phone knows the card, what its plastic shows, and the terminal's operator. No credential of the
 * partner's.
 */
async function describe(context: Context, card: SandboxCard, isNativeOnly: boolean) {
  await readRoots(context);
  const described = await withPan(context, card);
  const { pan, cardId, personId, mobileNumber, names } = described;
  const forDevice = Object.fromEntries(
    sandboxProtocols.map(({ name, forDevice }) => [name, forDevice?.(described, originOf(context)) ?? {}]),
  );
  const { operatorApiKey } = sandboxNames;
  const lastDigits = pan.slice(-8);
  return { cardId, personId, mobileNumber, names, isNativeOnly, lastDigits, forDevice, operatorApiKey };
}
