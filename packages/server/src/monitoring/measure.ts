import type { FastifyInstance } from "fastify";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { auditAlarmOf } from "../audit/index.ts";
import type { Context } from "../context/index.ts";
import { callerName, refusalOf, requestScopeOf, withoutLimit } from "../http/index.ts";
import { scrapeOf } from "./scrape.ts";

/**
 * One log line and one measurement a request, by route as written, never by URL; and `/metrics`: of every worker, and
 * of the one outbox that all share.
 */
export function measure(app: FastifyInstance, context: Context): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: "linchpin_request_duration_seconds",
    help: "Time to answer a request",
    labelNames: ["method", "route", "status"],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  const refusals = new Counter({
    name: "linchpin_refusals_total",
    help: "What was refused, and PINs that were verified and wrong, by code and caller",
    labelNames: ["route", "code", "caller"],
    registers: [registry],
  });
  new Gauge({
    name: "linchpin_audit_alarm",
    help: "1 where this process signs no audit checkpoint, as one that it remembers is gone or replaced",
    registers: [registry],
    collect() {
      this.set(auditAlarmOf(context) === null ? 0 : 1);
    },
  });
  const measureStore = storeMeasurements(context);
  const scrape = scrapeOf(registry);

  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "unknown";
    const labels = { method: request.method, route, status: String(reply.statusCode) };
    duration.observe(labels, reply.elapsedTime / 1000);
    const code = refusalOf(request);
    const caller = callerName(request);
    if (code !== undefined) refusals.inc({ route, code, caller });
    const { cardId } = requestScopeOf(request);
    request.log.info(
      { ...labels, caller, ...(cardId === null ? {} : { cardId }), elapsedMs: Math.round(reply.elapsedTime * 10) / 10 },
      "answered",
    );
    done();
  });
  app.get("/metrics", { config: withoutLimit, schema: { hide: true } }, async (_request, reply) => {
    reply.type(registry.contentType);
    return (await Promise.all([scrape(), measureStore()])).join("\n");
  });
}

/**
 * What a scrape says of the store that all servers share. Without the store it says that, and nothing of the outbox: a
 * scrape is needed most when the database is gone.
 */
function storeMeasurements({ store, clock, log }: Context): () => Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const up = new Gauge({ name: upName, help: "1 where the store answered this scrape", registers });
  const waiting = new Gauge({
    name: "linchpin_outbox_waiting",
    help: "Messages and events not delivered yet",
    registers,
  });
  const dead = new Gauge({ name: "linchpin_outbox_dead", help: "Messages and events given up", registers });
  const oldest = new Gauge({ name: "linchpin_outbox_oldest_seconds", help: "Age of the oldest that waits", registers });
  return async () => {
    try {
      const outbox = await store.measureOutbox();
      const { oldestCreatedAt } = outbox;
      up.set(1);
      waiting.set(outbox.waiting);
      dead.set(outbox.dead);
      oldest.set(oldestCreatedAt === null ? 0 : (clock().getTime() - oldestCreatedAt.getTime()) / 1000);
      return await registry.metrics();
    } catch (error) {
      log.warn({ err: error }, "the store did not answer a scrape");
      up.set(0);
      return await registry.getSingleMetricAsString(upName);
    }
  };
}

const upName = "linchpin_store_up";
