import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command, Option } from "commander";
import { isInCluster } from "../choices/platforms";
import { clusterStackName } from "../cluster/facts/cluster-stack-name";
import type { Environment } from "../environment/environment";
import { platformsOf } from "../environment/platforms-of";
import { listOf } from "../problem";
import { WORK_ROOT } from "../rehearsal/run/work-folder";
import { type Comparison, compareChecklists, type JudgedItem } from "../review/compare-revisions";
import { type CostEstimate, sayCost } from "../review/estimate-cost";
import { type PlanFile, readPlanFile } from "../review/plan-file";
import { renderReview, unacknowledged } from "../review/render-review";
import { reviewPlans } from "../review/review-plans";
import { environmentNamed } from "./environment-named";
import { collect, today } from "./option-values";
import { checkOut, type Revision, runCommand } from "./revision";

const ROOT = join(__dirname, "../..");
/** Leads the ids of exceptions that acknowledge a loss of data. */
const LOSS = "loss/";

interface Options {
  readonly plan: string[];
  readonly base?: string;
  readonly acceptLoss: string[];
  readonly today: string;
  readonly format: "markdown" | "json";
}

const command = new Command("npm run review --")
  .description(
    "Says what a change would do, for all stacks of environments: by agent and shared part, what is replaced and why, " +
      "lost, newly exposed or newly called. Nothing sensitive is in it, and it fits into a comment on GitHub.",
  )
  .argument("<environments...>", "environments that the plans are of")
  .option(
    "--plan <stack=file>",
    "what `terraform show -json <plan>` wrote of a stack (repeatable); without any, the plans that " +
      "`npm run rehearse -- <environment> --keep` and then `-- <environment> --plan` left",
    collect,
    [],
  )
  .option("--base <revision>", "also says how checklist, costs and picture differ from that revision's")
  .option("--accept-loss <address>", "a resource whose data may be lost (repeatable)", collect, [])
  .option("--today <day>", "day on which exceptions hold", today())
  .addOption(
    new Option("--format <format>", "how it is written").choices(["markdown", "json"]).default("markdown"),
  )
  .addHelpText(
    "after",
    "\nExit codes: 0 nothing that keeps data is lost, or all of it was accepted; 1 something is; 2 the command was called " +
      "wrongly.\n\nExamples:\n" +
      "  terraform show -json plan > staging.json && npm run -s review -- staging --plan staging=staging.json\n" +
      "  npm run rehearse -- staging --keep      # on what is deployed\n" +
      "  npm run rehearse -- staging --plan      # on the change\n" +
      "  npm run -s review -- staging --base main",
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();

const options = command.opts<Options>();
const environments = command.args.map((name) => environmentNamed(name, command));
const expected = environments.flatMap(stacksOf);
const plans = readPlans();
const review = reviewPlans([...plans.values()]);
const accepted = [...options.acceptLoss, ...environments.flatMap(acceptedBy)];
const unread = expected.filter((stack) => !plans.has(stack));
const comparison = options.base === undefined ? undefined : compareWith(options.base);
process.stdout.write(
  options.format === "json"
    ? `${JSON.stringify({ environments: command.args, unread, accepted, ...review, comparison }, null, 2)}\n`
    : renderReview(review, {
        title: listOf(environments.map(({ name }) => name)),
        accepted,
        unread,
        ...(comparison === undefined ? {} : { comparison }),
      }),
);
const lost = unacknowledged(review, accepted);
if (lost.length > 0) {
  process.stderr.write(
    `data would be lost: ${listOf(lost.map(({ address }) => address))}; where that is meant, acknowledge each in the ` +
      `environment's exceptions ('${LOSS}<address>') or with --accept-loss\n`,
  );
  process.exitCode = 1;
}

/** An environment's own stack, and that of its cluster. */
function stacksOf(environment: Environment): string[] {
  const inCluster = platformsOf(environment).some(isInCluster);
  return [environment.name, ...(inCluster ? [clusterStackName(environment)] : [])];
}

/** Plans by the name of their stack. */
function readPlans(): Map<string, PlanFile> {
  if (options.plan.length > 0) {
    return new Map(
      options.plan.map((given) => {
        const [, stack, file] = /^([^=]+)=(.+)$/.exec(given) ?? [];
        if (stack === undefined || file === undefined) {
          return command.error(`--plan '${given}' is no stack and its file; write staging=plan.json`);
        }
        return [stack, readPlan(resolve(file))];
      }),
    );
  }
  const found = environments.flatMap((environment) =>
    stacksOf(environment).flatMap((stack) => {
      const file = join(process.cwd(), WORK_ROOT, environment.name, "plans", `${stack}.json`);
      return existsSync(file) ? [[stack, readPlan(file)] as const] : [];
    }),
  );
  if (found.length === 0) {
    command.error(
      `there is no plan of ${listOf(expected)}; hand one in with --plan, or make one with \`npm run rehearse -- ${command.args.join(" ")} --plan\``,
    );
  }
  return new Map(found);
}

function readPlan(file: string): PlanFile {
  try {
    return readPlanFile(readFileSync(file, "utf8"), file);
  } catch (error) {
    return command.error((error as Error).message);
  }
}

/** Losses that an environment acknowledges by address, as long as it does. */
function acceptedBy({ exceptions = {} }: Environment): string[] {
  return Object.entries(exceptions)
    .filter(([id, { until }]) => id.startsWith(LOSS) && until >= options.today)
    .map(([id]) => id.slice(LOSS.length));
}

/** Asks the same commands of a revision and of what is here. */
function compareWith(name: string): Comparison {
  let base: Revision;
  try {
    base = checkOut(ROOT, name);
  } catch (error) {
    return command.error((error as Error).message);
  }
  try {
    const both = (script: string, ...args: string[]) =>
      [base.run(script, ...args), runCommand(ROOT, script, args)] as const;
    const compared = environments.map((environment) => {
      const [before, after] = both(
        "checklist",
        environment.name,
        "--format",
        "json",
        "--today",
        options.today,
      );
      const [was, will] = both("picture", environment.name);
      return {
        environment: environment.name,
        checklist:
          before === undefined || after === undefined
            ? [`${environment.name}: one side has no checklist, so that nothing is compared`]
            : compareChecklists(environment.name, judged(before), judged(after)),
        cost: costOf(environment.name, ...both("cost", environment.name, "--format", "json")),
        picture: { environment: environment.name, before: was ?? "", after: will ?? "" },
      };
    });
    return {
      checklist: compared.flatMap(({ checklist }) => checklist),
      costs: compared.map(({ cost }) => cost),
      pictures: compared.map(({ picture }) => picture),
    };
  } finally {
    base.remove();
  }
}

/** A line that says what an environment costs, and how much more or less than before. */
function costOf(environment: string, before: string | undefined, after: string | undefined): string {
  if (after === undefined) return `${environment}: nobody could estimate it`;
  const now = JSON.parse(after) as CostEstimate & { readonly currency: string };
  const said = `${environment}: ${sayCost(now, now.currency)}`;
  const note = `${now.unknown.length} meters have no price or are billed by use (\`npm run cost\`)`;
  if (before === undefined) return `${said}; ${note}`;
  const was = JSON.parse(before) as CostEstimate;
  const more = ([one, other]: readonly [number, number]) => {
    const difference = Math.round(one) - Math.round(other);
    return difference === 0 ? "as before" : `${difference > 0 ? "+" : "−"}${Math.abs(difference)}`;
  };
  return `${said} (idle ${more([now.idle, was.idle])}, full scale ${more([now.full, was.full])}); ${note}`;
}

function judged(report: string): JudgedItem[] {
  return (JSON.parse(report) as { results: JudgedItem[] }[]).flatMap(({ results }) => results);
}
