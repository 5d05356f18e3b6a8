import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PageFiles } from "./page-files.ts";

/**
 * The page's files, bundled from its sources as a partner's own page would be, in a fraction of a second. The published
 * package carries what this function returns: `built-page.ts`.
 */
export async function makePage(): Promise<PageFiles> {
  const folder = join(dirname(fileURLToPath(import.meta.resolve("@linchpin/page"))), "..");
  const { build } = await import("esbuild"); // Most starts show no page.
  const { outputFiles } = await build({
    entryPoints: ["app.tsx", "page.css"].map((file) => join(folder, file)),
    outdir: folder,
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    conditions: ["linchpin-source"],
  });
  const output = (extension: string) => outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? "";
  return {
    html: await readFile(join(folder, "page.html"), "utf8"),
    script: output(".js"),
    style: output(".css"),
    icon: await readFile(join(folder, "icon.svg"), "utf8"),
    ...(await makeDocs()),
  };
}

/** Swagger UI's files, as the package of Fastify's plugin has them. The plugin itself is not run. */
async function makeDocs(): Promise<Pick<PageFiles, "docsHtml" | "docsScript" | "docsStyle">> {
  const viewer = join(dirname(fileURLToPath(import.meta.resolve("@fastify/swagger-ui"))), "static");
  const ours = join(import.meta.dirname, "../docs");
  const [docsHtml = "", start = "", bundle = "", docsStyle = ""] = await Promise.all(
    [
      join(ours, "docs.html"),
      join(ours, "docs.js"),
      join(viewer, "swagger-ui-bundle.js"),
      join(viewer, "swagger-ui.css"),
    ].map((file) => readFile(file, "utf8")),
  );
  const withoutMaps = (text: string) => text.replaceAll(/(\/\/|\/\*)# sourceMappingURL=.*$/gm, "");
  return { docsHtml, docsScript: `${withoutMaps(bundle)}\n${start}`, docsStyle: withoutMaps(docsStyle) };
}
