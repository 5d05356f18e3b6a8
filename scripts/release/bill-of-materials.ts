import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";

/**
 * The CycloneDX bill of materials of the project in this folder, as npm reads it out of its package-lock.json. What
 * npm makes anew at each run is left out (the time, the folder) or made of the content (the serial number).
 */
export function billOfMaterials(folder: string): string {
  const options = ["sbom", "--sbom-format=cyclonedx", "--package-lock-only"];
  const printed = execFileSync("npm", options, { cwd: folder, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  const { serialNumber: _, ...bill } = JSON.parse(printed.replaceAll(`file:${realpathSync(folder)}/`, "file:"));
  const { timestamp: _timestamp, ...metadata } = bill.metadata;
  const content = { ...bill, metadata };
  return `${JSON.stringify({ ...content, serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}` }, null, 2)}\n`;
}

/** RFC 9562 §5.8: version 8, of a hash. */
function uuidOf(text: string): string {
  const bytes = createHash("sha256").update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
