import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import type { AgentDefinition } from "../agent/agent-definition";
import type { FinishedStack } from "../checklist/checklist-item";
import type { Environment } from "../environment/environment";
import { REHEARSAL_CONTEXT } from "../parts/placeholder-guard";
import { buildFleet } from "../stacks/build-fleet";

/** Synthesizes every stack of some environments, with their registries, and leaves nothing behind. Placeholders are let through. */
export async function finishStacks(
  agents: readonly AgentDefinition[],
  environments: readonly Environment[],
  today: string,
): Promise<FinishedStack[]> {
  const outdir = mkdtempSync(join(tmpdir(), "a2a-fleet-"));
  try {
    const app = new App({ outdir, context: { [REHEARSAL_CONTEXT]: true } });
    await buildFleet(app, { agents, environments, today });
    app.synth();
    return app.node.children
      .filter(TerraformStack.isStack)
      .map((stack) => ({ name: stack.node.id, json: stack.toTerraform() as object }));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
