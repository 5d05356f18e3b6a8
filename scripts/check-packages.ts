// Holds each package that is published against publint's rules, its suggestions included.
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { publishedPackages, repository } from "./release/published-packages.ts";

for (const { folder, manifest } of publishedPackages) {
  const { messages, pkg } = await publint({ pkgDir: join(repository, folder), strict: true });
  for (const message of messages) console.log(`✖ ${manifest.name}: ${formatMessage(message, pkg)}`);
  if (messages.length > 0) process.exitCode = 1;
}
