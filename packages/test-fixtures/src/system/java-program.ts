import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { needsProgram } from "./system-package.ts";

/** For the `skip` of a test that runs a program in Java. */
export const needsJava = (): string | false => needsProgram(["javac", "--version"], "default-jdk-headless");

/** A JVM that lives for a second: compiling its code well costs more than that saves. */
const briefJava = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

/**
 * A program in Java, from its source file, whose class has the file's name. It is compiled at its first run and removed
 * when this process ends: `java` of a source file would compile it at each run, which takes twenty times as long as
 * running it. `input`: its standard input. Returns what it prints, without the last line break.
 */
export function javaProgram(source: string): (programArguments: readonly string[], input?: string) => string {
  let classFolder: string | undefined;
  return (programArguments, input = "") => {
    classFolder ??= compile(source);
    const command = [...briefJava, "-cp", classFolder, basename(source, ".java"), ...programArguments];
    return execFileSync("java", command, { encoding: "utf8", input }).trim();
  };
}

function compile(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), "linchpin-java-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  execFileSync("javac", ["-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-d", folder, source]);
  return folder;
}
