import { resolve } from "node:path";
import type { TestSpecification } from "vitest/node";

/** What a judge is given: a changed source, and the test files that are to notice, the likeliest first. */
export interface Case {
  /** Path from the root of the file that is changed; none to see that all tests pass as things are. */
  readonly file?: string;
  readonly source?: string;
  readonly tests: readonly string[];
}

export interface Verdict {
  /** Test file and test that noticed first, or null where none did. */
  readonly noticed: { readonly file: string; readonly test: string } | null;
  /** Test files that were run. */
  readonly tried: readonly string[];
}

/** A process of its own: a change can make a loop that never ends, and then the whole process is ended. */
async function main(): Promise<void> {
  const { BaseSequencer, createVitest } = await import("vitest/node");
  let now: Case = { tests: [] };
  const orderOf = ({ moduleId }: { readonly moduleId: string }) =>
    now.tests.findIndex((test) => resolve(test) === moduleId);

  class InOrder extends BaseSequencer {
    override async sort(files: TestSpecification[]) {
      return files.toSorted((a, b) => orderOf(a) - orderOf(b));
    }
  }

  const vitest = await createVitest(
    "test",
    {
      watch: false,
      maxWorkers: 1,
      // The providers' bindings take seconds to load: once for all tests of a change, not once for each.
      isolate: false,
      bail: 1,
      update: false,
      reporters: [{}],
      sequence: { sequencer: InOrder },
    },
    {
      plugins: [
        {
          name: "one-change",
          enforce: "pre",
          transform: (_code: string, id: string) =>
            now.file !== undefined && id === resolve(now.file) ? now.source : undefined,
        },
      ],
    },
  );
  const all = await vitest.globTestSpecifications();

  process.on("message", async (next: Case) => {
    const files = [now.file, next.file].filter((file) => file !== undefined);
    now = next;
    for (const file of files) vitest.invalidateFile(resolve(file));
    const chosen = all.filter((each) => orderOf(each) >= 0);
    const run = await vitest.runTestSpecifications(chosen);
    const { unhandledErrors } = run;
    // What earlier runs left is among the results: those that this one ran, and no others.
    const testModules = run.testModules.filter((module) => orderOf(module) >= 0);
    const noticed = testModules.flatMap((module) => {
      const file = module.relativeModuleId;
      if (module.errors().length > 0) return [{ file, test: "loading it" }];
      return [...module.children.allTests("failed")].map(({ fullName }) => ({ file, test: fullName }));
    });
    const suites = testModules.filter((module) => module.state() === "failed");
    const verdict: Verdict = {
      noticed:
        noticed[0] ??
        suites.map(({ relativeModuleId: file }) => ({ file, test: "a suite" }))[0] ??
        (unhandledErrors.length > 0 ? { file: "", test: "an error outside of tests" } : null),
      tried: testModules
        .filter((module) => module.state() !== "queued")
        .map((module) => module.relativeModuleId),
    };
    process.send?.(verdict);
  });
  process.send?.("ready");
}

main();
