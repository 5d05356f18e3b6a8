import { describeTrace } from "./describe-step.ts";
import type { Step } from "./relay.ts";
import { type RuleName, ruleNames, rules, secondLines } from "./rules.ts";
import { experiments, limits, scenarios } from "./scenarios.ts";

/** docs/native-model.md between its two marks: what was found, so that the paper cannot say anything else. */
export function tablesOf(attacks: ReadonlyMap<RuleName, readonly Step[]>): string {
  const rows = ruleNames.map((name) => {
    const { row, rule, enforced } = rules[name];
    const { scenario, fails } = experiments[name];
    const attack = describeTrace(attacks.get(name) ?? []);
    return `| ${row} | \`${name}\`: ${rule} | ${scenario} | ${fails} | ${attack} | ${enforced.by}: \`${enforced.code}\` |`;
  });
  const second = Object.entries(secondLines).map(([name, why]) => `- \`${name}\`: ${why}.`);
  const bounds = Object.values(scenarios).map(
    ({ name, runs, ownSessions, sameLast4 }) =>
      `| ${name} | ${runs.map(({ op, auth }) => `${op} by ${auth}`).join(", ") || "none"} | ${ownSessions} | ${sameLast4.join(", ")} |`,
  );
  return `## Each rule taken out

The steps are the relay's, unless another one is named. The last column says who refuses the attack in the running system, by
which code.

| row of the design | rule that is out | scenario | query that fails | attack | refused by |
| --- | --- | --- | --- | --- | --- |
${rows.join("\n")}

These stand behind another rule, and yield no attack by themselves:

${second.join("\n")}

## Scenarios

| scenario | what Alice means to do | further sessions of the relay's | same last digits |
| --- | --- | --- | --- |
${bounds.join("\n")}

## What fails with all rules

${limits.map(({ why, fails }) => `- ${why} (${fails})`).join("\n")}
`;
}
