import { Argument, type Command } from "commander";
import type { Invocation } from "../invocation.ts";

export function addCompletion(program: Command, { console }: Invocation): void {
  program
    .command("completion")
    .addArgument(new Argument("<shell>", "whose completion").choices(Object.keys(scripts)))
    .description("print a script by which a shell completes commands and options")
    .addHelpText("after", help)
    .action((shell: Shell) => console.log(scripts[shell](wordsOf(program))));
}

const help = `
Examples:
  linchpin completion bash > ~/.local/share/bash-completion/completions/linchpin
  source <(linchpin completion zsh)          in ~/.zshrc, after compinit`;

type Shell = "bash" | "zsh";

/** The words that may follow a command, by its path: `""` for linchpin itself, `" keys rotate"` for one of its commands. */
type Words = ReadonlyMap<string, readonly string[]>;

const scripts: Readonly<Record<Shell, (words: Words) => string>> = { bash: bashScript, zsh: zshScript };

function wordsOf(command: Command, path = ""): Words {
  const commands = command.commands.map((child) => child.name());
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const options = command.options.flatMap(({ long }) => long ?? []);
  const deeper = command.commands.flatMap((child) => [...wordsOf(child, `${path} ${child.name()}`)]);
  return new Map([[path, [...commands, ...choices, ...options, "--help"]], ...deeper]);
}

function bashScript(words: Words): string {
  return `_linchpin() {
  local path="" index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$path \${COMP_WORDS[index]}" in
      ${pathsOf(words)}) path="$path \${COMP_WORDS[index]}" ;;
    esac
  done
  case "$path" in
${casesOf(words, (list) => `COMPREPLY=($(compgen -W "${list}" -- "\${COMP_WORDS[COMP_CWORD]}"))`)}
  esac
}
complete -o default -F _linchpin linchpin`;
}

function zshScript(words: Words): string {
  return `#compdef linchpin
_linchpin() {
  local route="" index
  for ((index = 2; index < CURRENT; index++)); do
    case "$route \${words[index]}" in
      ${pathsOf(words)}) route="$route \${words[index]}" ;;
    esac
  done
  case "$route" in
${casesOf(words, (list) => `compadd -- ${list}`)}
  esac
}
compdef _linchpin linchpin`;
}

function pathsOf(words: Words): string {
  return [...words.keys()]
    .filter((path) => path !== "")
    .map((path) => `"${path}"`)
    .join(" | ");
}

function casesOf(words: Words, complete: (list: string) => string): string {
  return [...words].map(([path, list]) => `    "${path}") ${complete(list.join(" "))} ;;`).join("\n");
}
