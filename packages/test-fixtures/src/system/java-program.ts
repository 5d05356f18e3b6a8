import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { needsProgram } from "./system-package.ts";

/** For the `skip` of a test that runs a program in Java. */
export const needsJava = (): string | false => needsProgram(["javac", "--version"], "default-jdk-headless");

/** A JVM that lives for a second: compiling its code well costs more than that saves. */
const briefJava = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

/**
 * A program in Java, from its source file, whose class has the file's name. Its folder is compiled once a process, at the
 * first run of any program in it: `java` of a source file would compile it at each run, which takes twenty times as long
 * as running it. `input`: its standard input. Returns what it prints, without the last line break.
 */
export function javaProgram(source: string): (programArguments: readonly string[], input?: string) => string {
  return (programArguments, input = "") => {
    const classFolder = compile(dirname(source));
    const command = [...briefJava, "-cp", classFolder, basename(source, ".java"), ...programArguments];
    return execFileSync("java", command, { encoding: "utf8", input }).trim();
  };
}

const classFolders = new Map<string, string>();

/** Returns where the classes of a folder's programs are, until this process ends. */
function compile(sourceFolder: string): string {
  const known = classFolders.get(sourceFolder);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), "linchpin-java-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const sources = globSync("*.java", { cwd: sourceFolder }).map((name) => join(sourceFolder, name));
  execFileSync("javac", ["-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-d", folder, ...sources]);
  classFolders.set(sourceFolder, folder);
  return folder;
}
