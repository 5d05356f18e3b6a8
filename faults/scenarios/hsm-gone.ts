import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeSoftHsmToken, needsSoftHsm } from "@linchpin/test-fixtures/tokens/pkcs11-tokens";
import { startPostgres } from "../postgres.ts";
import type { Scenario } from "../scenario.ts";
import type { Servers } from "../servers.ts";

const absences = 2;

export const hsmGone: Scenario = {
  name: "HSM gone",
  about: "every key in SoftHSM, whose token is taken away for five seconds, twice, and its sessions with it",
  lacking: needsSoftHsm,
  prepare: async (folder, atEnd) => {
    const { url, stop } = await startPostgres(folder);
    atEnd(stop);
    const token = await makeSoftHsmToken();
    atEnd(() => token.remove());
    return {
      databaseUrl: url,
      environmentOf: () => ({ LINCHPIN_DATABASE_URL: url, LINCHPIN_VAULT: token.uri }),
      disturb: async (servers) => {
        const [here, away] = [join(token.folder, "tokens"), join(token.folder, "away")];
        let refused = 0;
        for (let count = 0; count < absences; count++) {
          await rename(here, away);
          await mkdir(here);
          await sleep(3_000);
          refused += await countNotReady(servers);
          await sleep(2_000);
          await rm(here, { recursive: true });
          await rename(away, here);
          await sleep(4_000);
        }
        if (refused === 0) throw new Error("the servers did not miss the token");
        return `${refused} of ${absences * servers.origins.length} times a server said that it is not ready`;
      },
    };
  },
};

async function countNotReady({ origins }: Servers): Promise<number> {
  const statuses = await Promise.all(
    origins.map((origin) => fetch(`${origin}/health/ready`).then(({ status }) => status)),
  );
  return statuses.filter((status) => status === 503).length;
}
