import { relative, resolve } from "node:path";
import type { TestSpecification, Vitest } from "vitest/node";
import { StandingWorker } from "./standing-worker";

/** A source as it is to be judged. */
export interface Change {
  /** Path from the root. */
  readonly file: string;
  /** The whole file with the change. */
  readonly source: string;
}

/** What a test file says of a change. */
export interface Verdict {
  /** The first test that failed, or null where all passed. */
  readonly noticed: string | null;
  readonly seconds: number;
}

/** What judge and vitest share: the change, and the process that runs the tests. */
interface Bench {
  change?: Change;
  worker?: StandingWorker;
}

/** Seconds after which a test file is taken to run for ever, as some changes make them; ten times what it is known to take, if that is more. */
const LONGEST_S = 60;

/** The same for one that nobody has seen pass yet. */
const LONGEST_UNKNOWN_S = 300;

/** Test files that a process runs before another takes its place: it only grows. */
const RUNS_OF_A_PROCESS = 400;

/** Runs test files, one at a time, against sources of which one is changed: in memory alone. */
export class Judge {
  private readonly usual = new Map<string, number>();
  private runs = 0;

  private constructor(
    private readonly root: string,
    private readonly vitest: Vitest,
    private readonly specifications: ReadonlyMap<string, TestSpecification>,
    private readonly bench: Bench,
  ) {}

  static async start(root: string): Promise<Judge> {
    const { createVitest } = await import("vitest/node");
    const bench: Bench = {};
    const vitest = await createVitest(
      "test",
      {
        root,
        watch: false,
        cache: false,
        maxWorkers: 1,
        isolate: false,
        bail: 1,
        update: "none",
        reporters: [{}],
        pool: {
          name: "standing",
          createPoolWorker: (options) => {
            if (bench.worker?.lives !== true) bench.worker = new StandingWorker(options);
            return bench.worker;
          },
        },
      },
      {
        plugins: [
          {
            name: "one-change",
            enforce: "pre",
            transform: (_code: string, id: string) =>
              bench.change !== undefined && id === resolve(root, bench.change.file)
                ? bench.change.source
                : undefined,
          },
        ],
      },
    );
    const all = await vitest.globTestSpecifications();
    return new Judge(root, vitest, new Map(all.map((each) => [relative(root, each.moduleId), each])), bench);
  }

  /** Puts a change in the place of the one before; nothing leaves the sources as they are. */
  put(change?: Change): void {
    const files = [this.bench.change?.file, change?.file].filter((file) => file !== undefined);
    this.bench.change = change;
    for (const file of new Set(files)) this.forget(resolve(this.root, file));
  }

  /** @returns what the test file says of the change that was put */
  async ask(file: string): Promise<Verdict> {
    const specification = this.specifications.get(file);
    if (specification === undefined) throw new Error(`${file} is no test file`);
    if (++this.runs % RUNS_OF_A_PROCESS === 0) this.stop();
    const began = Date.now();
    let late = false;
    const known = this.usual.get(file);
    const limit = known === undefined ? LONGEST_UNKNOWN_S : Math.max(LONGEST_S, 10 * known);
    const timer = setTimeout(() => {
      late = true;
      this.stop();
    }, limit * 1000);
    const { testModules, unhandledErrors } = await this.vitest.runTestSpecifications([specification]);
    clearTimeout(timer);
    const seconds = (Date.now() - began) / 1000;
    if (late) return { noticed: "it doesn't end", seconds };
    const module = testModules.find(({ moduleId }) => moduleId === specification.moduleId);
    if (module === undefined) return { noticed: "it isn't run", seconds };
    const [failed] = module.children.allTests("failed");
    const noticed =
      failed?.fullName ??
      (module.errors().length > 0 ? "loading it" : undefined) ??
      (module.state() === "passed" ? undefined : `a suite (${module.state()})`) ??
      (unhandledErrors.length > 0 ? "an error outside of its tests" : null);
    if (noticed === null) this.usual.set(file, seconds);
    return { noticed, seconds };
  }

  /** How long a test file took when it passed, in seconds; 0 before that. */
  seconds(file: string): number {
    return this.usual.get(file) ?? 0;
  }

  /** Ends the process that runs tests; the next test file gets another. */
  stop(): void {
    this.bench.worker?.end();
  }

  async close(): Promise<void> {
    this.stop();
    await this.vitest.close();
  }

  /** A file and whatever loads it are loaded anew; everything else stays as it is. */
  private forget(path: string): void {
    this.vitest.invalidateFile(path);
    const graphs = this.vitest.projects.flatMap(({ vite }) =>
      Object.values(vite.environments).map(({ moduleGraph }) => moduleGraph),
    );
    const forgotten = new Set<string>([path]);
    for (const each of forgotten) {
      for (const graph of graphs) {
        for (const module of graph.getModulesByFile(each) ?? []) {
          for (const { file } of module.importers) if (file !== null) forgotten.add(file);
        }
      }
    }
    for (const each of forgotten) this.vitest.watcher.invalidates.add(each);
  }
}
