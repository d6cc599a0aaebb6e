import { join, resolve } from "node:path";
import { servedProviders } from "./clouds";
import { reportFailure } from "./failure";
import { watchInterruption } from "./interruption";
import { readSynthesized, requireSealed, sealStacks, synthesize } from "./stacks";
import { WorkFolder } from "./work-folder";

/**
 * The `app` that cdktf runs during a rehearsal: it runs the project's own app and then seals every stack that
 * came out, before cdktf gets to see one. cdktf starts it in the work folder.
 */
async function main(name: string | undefined): Promise<void> {
  const interruption = watchInterruption();
  try {
    const workFolder = new WorkFolder(resolve(process.cwd(), "../.."), name ?? "");
    const record = await workFolder.readRecord();
    if (record?.source.kind !== "app") throw new Error(`${workFolder.shown} knows no app to run`);
    const outputFolder = resolve(process.env.CDKTF_OUTDIR ?? join(workFolder.path, "out"));
    const { source } = record;
    await synthesize(source.command, { source, workFolder, env: process.env, interruption }, outputFolder);
    const stacks = await readSynthesized(workFolder);
    const problems = await sealStacks({
      stacks,
      served: servedProviders(process.env.TF_REATTACH_PROVIDERS ?? "{}"),
    });
    requireSealed(
      stacks.map((stack) => stack.name),
      problems,
    );
  } catch (error) {
    process.exitCode = reportFailure(error);
  } finally {
    interruption.release();
  }
}

void main(process.argv[2]);
