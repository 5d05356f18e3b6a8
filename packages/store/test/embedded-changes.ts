import { openEmbeddedStore } from "@linchpin/store";
import { addCard, changeOf } from "./fresh-records.ts";

// A process that changes the PIN of one card until it is killed, and prints each version that was committed.
const [folder = ""] = process.argv.slice(2);
const store = await openEmbeddedStore({ folder });
const { id } = await addCard(store);
for (let version = 1; ; version++) {
  const result = await store.changePin(changeOf(id, version - 1, { pinHistoryLength: 1 }));
  process.stdout.write(`${JSON.stringify({ id, version, result })}\n`);
}
