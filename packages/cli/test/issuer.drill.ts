import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite } from "node:test";
import { serveSuite } from "./commands/serve-suite.ts";
import { startRelay } from "./relay.ts";
import { SharedIssuer } from "./shared-issuer.ts";
import { surprisedTourSuite } from "./tour/surprised-tour-suite.ts";

const shared = new SharedIssuer(mkdtempSync(join(tmpdir(), "linchpin-cli-")), await startRelay());

suite("one issuer, to its end", () => {
  before(() => shared.start());
  after(() => shared.end());

  surprisedTourSuite(shared);
  serveSuite(shared);
});
