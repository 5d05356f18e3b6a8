// What one would write instead: Fastify, jose and pg, and the checks that Solaris' protocol asks for. No audit, no
// outbox, no policy, no key rotation, no limits: `WORKERS` processes (default 2) on `PORT`, on the database of
// `DATABASE_URL`.
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import Fastify from "fastify";
import { compactDecrypt } from "jose";
import { Pool } from "pg";
import { startWorkers } from "./worker-processes.ts";

interface Change {
  readonly encrypted_pin: string;
  readonly device_id: string;
  readonly signature: string;
}

await startWorkers(serve, async () => {
  const pool = new Pool({ connectionString: process.env["DATABASE_URL"] });
  await pool.query("create table if not exists plain_pins (card_id text primary key, pin text not null)");
  await pool.end();
});

async function serve(privateKey: KeyObject): Promise<void> {
  const pool = new Pool({ connectionString: process.env["DATABASE_URL"] });
  const publicJwk = createPublicKey(privateKey).export({ format: "jwk" });
  const pinKey = { kid: "plain", kty: "RSA", use: "enc", alg: "RS256", ...publicJwk };
  const app = Fastify({ logger: true });
  app.get("/solaris/v1/cards/pin_keys/latest", () => pinKey);
  app.post<{ Params: { name: string }; Body: Change }>(
    "/solaris/v1/cards/:name/pin_update_requests",
    async ({ params, body, headers }, reply) => {
      if (headers.authorization !== "Bearer plain") return reply.code(401).send();
      const { rows } = await pool.query(
        `select card_id, public_point from card_names join cards on cards.id = card_id
         join devices using (person_id) join device_keys on device_id = devices.id
         where protocol = 'solaris' and card_names.name = $1 and devices.id = $2`,
        [params.name, body.device_id],
      );
      if (rows.length === 0) return reply.code(404).send();
      const { card_id, public_point } = rows[0];
      const [x, y] = [public_point.subarray(1, 33), public_point.subarray(33)].map((part) =>
        part.toString("base64url"),
      );
      const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
      const signature = Buffer.from(body.signature, "hex");
      if (!verify("sha256", Buffer.from(body.encrypted_pin), key, signature)) return reply.code(422).send();
      const { plaintext } = await compactDecrypt(body.encrypted_pin, privateKey);
      const { pin } = JSON.parse(Buffer.from(plaintext).toString());
      if (!/^\d{4}$/.test(pin)) return reply.code(422).send();
      await pool.query(
        "insert into plain_pins (card_id, pin) values ($1, $2) on conflict (card_id) do update set pin = $2",
        [
          card_id,
          pin, // in clear: one would need a vault
        ],
      );
      return reply.code(204).send();
    },
  );
  await app.listen({ port: Number(process.env["PORT"]) });
}
