import Table from "cli-table3";
import pc from "picocolors";
import { create } from "xmlbuilder2";
import type { Verified } from "./check";
import { evidence } from "./evidence";

/** What was seen of each agent, for a person. */
export function verifyTable(results: readonly Verified[]): string {
  const marks = { kept: pc.green("✓"), broken: pc.red("✗"), unseen: pc.yellow("?") };
  const urls = [...new Set(results.map(({ url }) => url))];
  const tables = urls.map((url) => {
    const table = new Table({
      head: ["", "promise", "seen"],
      style: { head: [], border: [] },
      colWidths: [3, 44, 68],
      wordWrap: true,
    });
    for (const { check, verdict, promise, saw } of results.filter((each) => each.url === url)) {
      const items = (evidence[check] ?? []).map((item) => `\n${pc.dim(item)}`);
      table.push([marks[verdict], `${promise}${items.join("")}`, saw]);
    }
    return `${url}\n${table.toString()}`;
  });
  const count = (verdict: Verified["verdict"]) => results.filter((each) => each.verdict === verdict).length;
  // Of many agents the tables are longer than a screen: what matters stands at the end once more.
  const broken = results
    .filter(({ verdict }) => verdict === "broken")
    .map(({ url, promise, saw }) => `${marks.broken} ${url}: ${promise}: ${saw}\n`);
  return [
    `${tables.join("\n\n")}\n\n`,
    ...(urls.length > 1 ? broken : []),
    `${count("kept")} kept, ${count("broken")} broken, ${count("unseen")} not seen\n`,
  ].join("");
}

/** The same for the reports of continuous integration. */
export function verifyJUnit(results: readonly Verified[]): string {
  const count = (verdict: Verified["verdict"]) => results.filter((each) => each.verdict === verdict).length;
  const suite = create({ version: "1.0", encoding: "UTF-8" }).ele("testsuite", {
    name: "verify",
    tests: results.length,
    failures: count("broken"),
    skipped: count("unseen"),
  });
  for (const { url, check, promise, verdict, saw } of results) {
    const test = suite.ele("testcase", { classname: url, name: `${check}: ${promise}` });
    const items = evidence[check] ?? [];
    if (items.length > 0) {
      const properties = test.ele("properties");
      for (const value of items) properties.ele("property", { name: "evidence-for", value });
    }
    if (verdict === "broken") test.ele("failure", { message: saw });
    if (verdict === "unseen") test.ele("skipped", { message: saw });
  }
  return `${suite.doc().end({ prettyPrint: true })}\n`;
}

/** The same for programs. */
export function verifyJson(results: readonly Verified[]): string {
  const named = results.map((each) => ({ ...each, evidenceFor: evidence[each.check] ?? [] }));
  return `${JSON.stringify(named, null, 2)}\n`;
}

/** 0: nothing is broken, and something was seen; 1: something is broken; 2: nothing could be seen. */
export function verifyExitCode(results: readonly Verified[]): 0 | 1 | 2 {
  if (results.some(({ verdict }) => verdict === "broken")) return 1;
  return results.some(({ verdict }) => verdict === "kept") ? 0 : 2;
}
