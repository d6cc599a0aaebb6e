import { spawnSync } from "node:child_process";
import { Command } from "commander";
import { type RestoreCronJob, restoreJob } from "../cluster/backups/restore-job";

interface Options {
  readonly context: string;
  readonly namespace: string;
  readonly backup: string;
  readonly replace: boolean;
  readonly print: boolean;
}

const program = new Command("restore")
  .description(
    "Restores a store of a cluster from its backups: starts the job that waits for it, and follows it.",
  )
  .argument("<store>", "what is restored: task-store, or the name of a ClusterBackups")
  .requiredOption("--context <name>", "context of the kubeconfig")
  .option("--namespace <name>", "namespace of the store", "agents")
  .option("--backup <name>", "which backup, as it is called in the storage", "latest")
  .option("--replace", "lose what the store holds", false)
  .option("--print", "print the job instead of starting it", false)
  .addHelpText(
    "after",
    `
Stop the agents first: what they write while a restore runs is mixed with it.

Examples:
  npm run restore -- task-store --context production
  npm run restore -- task-store --context production --backup 20261121T021700Z --replace
  npm run restore -- task-store --context production --print | kubectl diff -f -
`,
  )
  .action((store: string, options: Options) => {
    process.exitCode = restore(store, options);
  });
program.parse();

function restore(store: string, { context, namespace, backup, replace, print }: Options): number {
  const place = ["--context", context, "--namespace", namespace];
  const found = kubectl([...place, "get", "cronjob", `${store}-restore`, "--output", "json"]);
  if (found.status !== 0) {
    process.stderr.write(
      `${found.stderr}nothing restores '${store}' in namespace '${namespace}' of '${context}': is it one of ` +
        "`kubectl get cronjob` without its '-restore'?\n",
    );
    return 1;
  }
  const job = restoreJob(JSON.parse(found.stdout) as RestoreCronJob, { backup, replace, now: new Date() });
  if (print) {
    process.stdout.write(`${JSON.stringify(job, null, 2)}\n`);
    return 0;
  }
  const made = kubectl([...place, "create", "--filename", "-"], JSON.stringify(job));
  process.stdout.write(made.stdout);
  process.stderr.write(made.stderr);
  if (made.status !== 0) return 1;
  process.stdout.write(`following ${job.metadata.name}; it goes on when this command is interrupted\n`);
  return follow(place, job.metadata.name);
}

/** Waits for either end, because `kubectl wait` knows only one at a time, and shows what the job said. */
function follow(place: readonly string[], job: string): number {
  for (;;) {
    const state = kubectl([...place, "get", "job", job, "--output", "jsonpath={.status.conditions[*].type}"]);
    const ended = state.stdout.split(" ");
    const done = ended.includes("Complete");
    if (done || ended.includes("Failed")) {
      const logs = kubectl([...place, "logs", `job/${job}`, "--all-containers", "--prefix"]);
      process.stdout.write(logs.stdout);
      if (!done) process.stderr.write(`${job} failed; nothing was restored, or only a part of it\n`);
      return done ? 0 : 1;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
  }
}

function kubectl(args: readonly string[], input?: string) {
  const result = spawnSync("kubectl", args, { encoding: "utf8", input });
  if (result.error !== undefined) {
    process.stderr.write(`kubectl cannot be started (${result.error.message}); install it and log in\n`);
    process.exit(1);
  }
  return result;
}
