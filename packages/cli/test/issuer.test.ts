import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite } from "node:test";
import { deviceNativeSuite } from "./commands/device-native-suite.ts";
import { deviceRevealSuite } from "./commands/device-reveal-suite.ts";
import { deviceSuite } from "./commands/device-suite.ts";
import { deviceVenlySuite } from "./commands/device-venly-suite.ts";
import { operatorSuite } from "./commands/operator-suite.ts";
import { startRelay } from "./relay.ts";
import { SharedIssuer } from "./shared-issuer.ts";
import { tourSuite } from "./tour/tour-suite.ts";

const shared = new SharedIssuer(mkdtempSync(join(tmpdir(), "linchpin-cli-")), await startRelay());

suite("one issuer, from an empty folder on", () => {
  after(() => shared.end());

  operatorSuite(shared);
  deviceSuite(shared);
  deviceRevealSuite(shared);
  deviceNativeSuite(shared);
  deviceVenlySuite(shared);
  tourSuite(shared);
});
