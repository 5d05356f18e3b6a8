import { type Profiler, Session } from "node:inspector";

/** What ran since the last look, as V8 counted it, in the sources of this repository. */
export interface Execution {
  /** How many blocks were entered: work that can be compared, as time can not. */
  readonly blocks: number;
  /** Whether a character of some function ran that never had. */
  readonly isNew: boolean;
}

/** V8's own block coverage of this thread: what is measured is the code that ships, not an instrumented copy. */
export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Map<string, Uint8Array>();

  constructor() {
    this.#session.connect();
    this.#post("Profiler.enable");
    this.#post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** `remember`: what ran now is not new to the next look. */
  look({ remember }: { remember: boolean }): Execution {
    let isNew = false;
    const scripts = this.#takeScripts();
    for (const { scriptId, functions } of scripts)
      for (const { ranges } of functions) isNew = this.#mark(scriptId, ranges, remember) || isNew;
    return { blocks: blocksOf(scripts), isNew };
  }

  /** The blocks alone, for whoever looks for nothing new. */
  countBlocks(): number {
    return blocksOf(this.#takeScripts());
  }

  #takeScripts(): Profiler.ScriptCoverage[] {
    const { result } = this.#post("Profiler.takePreciseCoverage");
    return result.filter(({ url }) => /\/packages\/\w+\/(?!test\/)/.test(url));
  }

  /** The first range is the function's; what lies within another comes after it and overrides it. */
  #mark(scriptId: string, ranges: readonly Profiler.CoverageRange[], remember: boolean): boolean {
    const [whole] = ranges;
    if (whole === undefined || whole.count === 0) return false;
    const ran = new Uint8Array(whole.endOffset - whole.startOffset);
    for (const { startOffset, endOffset, count } of ranges)
      ran.fill(count > 0 ? 1 : 0, startOffset - whole.startOffset, endOffset - whole.startOffset);
    const name = `${scriptId}:${whole.startOffset}`;
    const seen = this.#seen.get(name);
    const isNew = seen === undefined || ran.some((did, index) => did > (seen[index] as number));
    if (isNew && remember)
      this.#seen.set(name, seen === undefined ? ran : seen.map((did, index) => did | (ran[index] as number)));
    return isNew;
  }

  /** The callback is called before `post` returns. */
  #post(method: "Profiler.enable"): void;
  #post(method: "Profiler.startPreciseCoverage", options: Profiler.StartPreciseCoverageParameterType): void;
  #post(method: "Profiler.takePreciseCoverage"): Profiler.TakePreciseCoverageReturnType;
  #post(method: string, options: object = {}): unknown {
    let answer: unknown;
    this.#session.post(method, options, (error, result) => {
      if (error !== null) throw error;
      answer = result;
    });
    return answer;
  }
}

function blocksOf(scripts: readonly Profiler.ScriptCoverage[]): number {
  let blocks = 0;
  for (const { functions } of scripts)
    for (const { ranges } of functions) for (const { count } of ranges) blocks += count;
  return blocks;
}
