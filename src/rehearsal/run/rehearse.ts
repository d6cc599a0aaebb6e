import { rm } from "node:fs/promises";
import pc from "picocolors";
import { RehearsalFailure, systemFailure } from "./failure";
import { Rehearsal, type RehearsalProps } from "./rehearsal";
import type { RehearsalStack } from "./stacks";
import { renderSummary } from "./summary";
import { readState, type TerraformState } from "./terraform-state";

/** A rehearsal, and what becomes of what it has made. */
export interface RehearseProps extends RehearsalProps {
  /** How the command is called: `npm run rehearse --`. */
  readonly calledAs: string;
  /** Leaves everything deployed, with states, plans and logs. @default false */
  readonly keep?: boolean;
  /** Plans from what there is and shows the plans, instead of checking a deploy. @default false */
  readonly planOnly?: boolean;
  /** Takes deletion protection off before it destroys. @default false */
  readonly unprotect?: boolean;
  /** Drops what the last run left instead of going on from there. @default false */
  readonly fresh?: boolean;
  /** @default false */
  readonly verbose?: boolean;
  /** The command that continues, for messages. */
  readonly command: string;
}

/**
 * A whole rehearsal: deploy, a second plan that must be empty, cloud against state, destroy, an empty cloud.
 * The work folder is gone afterwards, unless it is to be kept or something failed: then the next run goes on
 * from there, as it would after a deploy that failed for real.
 *
 * @throws RehearsalFailure that says what failed, where, and what to do
 */
export async function rehearse(props: RehearseProps): Promise<void> {
  const { workFolder, view } = props;
  const rehearsal = new Rehearsal(props);
  let keep = props.keep ?? false;
  const isContinued = await takeOver(props);
  // A look at what would change takes nothing away that was kept.
  keep ||= isContinued && (props.planOnly ?? false);
  try {
    await rehearsal.open();
    if (props.planOnly) {
      await planInOrder(rehearsal, props);
    } else {
      await deployAndCheck(rehearsal, props);
      const fidelity = await rehearsal.fidelity();
      const states = await chosenStates(rehearsal);
      const summary = renderSummary({ states, times: [], fidelity, verbose: true });
      await rehearsal.checkLeaks(summary);
      const notJudged = rehearsal.notJudged();
      if (!keep) await tearDown(rehearsal, props);
      const { times } = rehearsal;
      view.say(renderSummary({ states, times, notJudged, fidelity, verbose: props.verbose ?? false }));
    }
  } catch (error) {
    // Where even that can't be read, nothing is thrown away.
    keep = await leavesSomething(rehearsal).catch(() => true);
    const failure = error instanceof RehearsalFailure ? error : systemFailure(error);
    if (failure === undefined || !keep) throw error;
    await remember(props, rehearsal, "failed");
    throw new RehearsalFailure({
      ...failure.report,
      advice: [
        failure.report.advice,
        `what was deployed so far, with logs, stays in ${workFolder.shown}: \`${props.command}\` goes on from there, with --fresh it starts over`,
      ]
        .filter((line) => line !== undefined)
        .join("\n→ "),
    });
  } finally {
    await rehearsal.stop();
    await (keep ? workFolder.close() : workFolder.remove());
  }
  if (keep) {
    await remember(props, rehearsal, "kept");
    view.say(
      [
        "",
        `Kept in ${pc.bold(workFolder.shown)}: states in state/, plans in plans/, the simulated cloud in cloud/, logs in logs/, versions in versions.json.`,
        `Look around with \`${props.calledAs} exec --name ${workFolder.name} ${lookAround(rehearsal)}\`.`,
      ].join("\n"),
    );
  }
}

function lookAround({ order }: Rehearsal): string {
  const last = order.at(-1);
  return last?.tool === "cdktf" ? `cdktf diff ${last.name}` : "terraform state list";
}

/**
 * Makes the work folder ours: from scratch, or on top of what the last run left.
 *
 * @returns whether it goes on from there
 */
async function takeOver({ workFolder, fresh, source, view }: RehearseProps): Promise<boolean> {
  const isContinued = workFolder.exists() && !fresh;
  await workFolder.open();
  if (!isContinued) {
    await workFolder.clear();
    return false;
  }
  const record = await workFolder.readRecord();
  if (record !== undefined && JSON.stringify(record.source) !== JSON.stringify(source)) {
    await workFolder.close();
    throw new RehearsalFailure({
      what: `${workFolder.shown} holds a rehearsal of something else (${record.source.folder})`,
      advice: "start over with --fresh, or give this one a name of its own with --name",
    });
  }
  const how = { running: "was cut off", failed: "failed", kept: "was kept" }[record?.outcome ?? "running"];
  view.say(`Going on from ${workFolder.shown}, where the last run ${how}; --fresh starts over.`);
  await rm(workFolder.logs, { recursive: true, force: true });
  return true;
}

async function deployAndCheck(rehearsal: Rehearsal, { keep }: RehearseProps): Promise<void> {
  for (const stack of rehearsal.order) {
    if (keep) await rehearsal.plan(stack);
    await rehearsal.deploy(stack);
  }
  rehearsal.requireScenarioMet();
  for (const stack of rehearsal.order) await rehearsal.checkSettled(stack);
  await rehearsal.checkAgreement();
}

/** A stack's plan needs what the stacks before it deploy, so each but the last is deployed after its plan. */
async function planInOrder(rehearsal: Rehearsal, { view }: RehearseProps): Promise<void> {
  const last = rehearsal.order.at(-1);
  for (const stack of rehearsal.order) {
    const text = await rehearsal.plan(stack);
    view.say(`\n${pc.bold(stack.name)}\n${text.trim()}\n`);
    if (stack !== last) await rehearsal.deploy(stack);
  }
  await rehearsal.checkLeaks();
}

/** Destroys in reverse. What a stack needs stays as long as that stack does: without it, it couldn't be destroyed later. */
async function tearDown(rehearsal: Rehearsal, { unprotect, view }: RehearseProps): Promise<void> {
  if (unprotect) await rehearsal.unprotect();
  const standing: RehearsalStack[] = [];
  for (const stack of [...rehearsal.order].reverse()) {
    const dependents = standing.filter(({ dependencies }) => dependencies.includes(stack.name));
    if (dependents.length > 0) {
      view.say(`    ${stack.name} is left alone: ${listOf(dependents)} still stands, and needs it`);
      standing.push(stack);
      continue;
    }
    const refused = await rehearsal.destroy(stack);
    if (refused.length > 0) standing.push(stack);
    for (const address of refused) view.say(`    ${address}`);
  }
  if (standing.length > 0) view.say("    --unprotect destroys what is protected, too");
  await rehearsal.checkAgreement(standing.length > 0 ? "what is left is in a state" : "nothing is left");
}

function listOf(stacks: readonly RehearsalStack[]): string {
  return stacks.map(({ name }) => name).join(", ");
}

async function chosenStates(rehearsal: Rehearsal): Promise<Map<string, TerraformState>> {
  const states = rehearsal.order.map(
    async ({ name, statePath }) => [name, await readState(statePath)] as const,
  );
  return new Map(await Promise.all(states));
}

/** Whether there is anything that a next run could go on from. */
async function leavesSomething(rehearsal: Rehearsal): Promise<boolean> {
  const states = await chosenStates(rehearsal);
  return [...states.values()].some(({ resources }) => resources.length > 0) || rehearsal.hasThings();
}

async function remember(
  { workFolder, source }: RehearseProps,
  rehearsal: Rehearsal,
  outcome: "kept" | "failed",
): Promise<void> {
  const record = { source, stacks: rehearsal.order.map(({ name }) => name), outcome };
  // On a full disk the story is lost, the states aren't.
  await workFolder.writeRecord(record).catch(() => {});
}
