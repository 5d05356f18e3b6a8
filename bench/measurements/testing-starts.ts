// A stranger's program, run by plain Node in a project with the release's packages: prints the starts of `TestingStart`.
import { startIssuer } from "@linchpin/testing";

const measure = async (start: string, sinceMs: number) => {
  const before = process.cpuUsage();
  const issuer = await startIssuer();
  const { user, system } = process.cpuUsage(before);
  return { issuer, measured: { start, readyMs: performance.now() - sinceMs, cpuSeconds: (user + system) / 1e6 } };
};

// performance.now() counts from when the process began, so that loading the modules is part of the first start.
const first = await measure("first in a process, its modules included", 0);
await first.issuer.stop();
const second = await measure("second in the same process, once the first has stopped", performance.now());
const another = await measure("another beside the second", performance.now());
console.log(JSON.stringify([first, second, another].map(({ measured }) => measured)));
await second.issuer.stop();
await another.issuer.stop();
