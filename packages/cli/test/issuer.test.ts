import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite } from "node:test";
import { deviceRevealSuite } from "./device-reveal-suite.ts";
import { deviceSuite } from "./device-suite.ts";
import { deviceVenlySuite } from "./device-venly-suite.ts";
import { operatorSuite } from "./operator-suite.ts";
import { startRelay } from "./relay.ts";
import { serveSuite } from "./serve-suite.ts";
import { SharedIssuer } from "./shared-issuer.ts";
import { tourSuite } from "./tour-suite.ts";

const shared = new SharedIssuer(mkdtempSync(join(tmpdir(), "linchpin-cli-")), await startRelay());

suite("one issuer, from an empty folder to its end", () => {
  after(() => shared.end());

  operatorSuite(shared);
  deviceSuite(shared);
  deviceRevealSuite(shared);
  deviceVenlySuite(shared);
  tourSuite(shared);
  serveSuite(shared);
});
