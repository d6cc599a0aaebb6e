import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { AnnotationMetadataEntryType } from "cdktf";
import { Command } from "commander";
import { REHEARSAL_CONTEXT } from "../parts/placeholder-guard";
import { readableAppError } from "../rehearsal/run/app-error";
import { isRefused } from "../stacks/refused-stack";

interface Manifest {
  readonly stacks: Readonly<
    Record<
      string,
      {
        readonly synthesizedStackPath: string;
        readonly annotations: readonly { readonly level: string; readonly message: string }[];
      }
    >
  >;
}

const command = new Command("synth")
  .description(
    "Writes the Terraform JSON of every stack, to look at. Placeholders are let through; a deploy still refuses them.",
  )
  .option("-o, --output <folder>", "where to write it", "cdktf.out")
  .addHelpText("after", "\nExample:\n  npm run synth -- --output /tmp/fleet")
  .parse();

const { output } = command.opts<{ output: string }>();
const root = join(__dirname, "../..");
const folder = resolve(root, output);

const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", join(root, "stacks/main.ts")], {
  cwd: root,
  stdio: ["inherit", "inherit", "pipe"],
  encoding: "utf8",
  env: {
    ...process.env,
    CDKTF_OUTDIR: folder,
    CDKTF_CONTEXT_JSON: JSON.stringify({ [REHEARSAL_CONTEXT]: true }),
  },
});
// What is wrong in somebody's own files is said without the way there through Node.
process.stderr.write(status === 0 ? stderr : `${readableAppError(stderr, root)}\n`);
if (status !== 0) process.exit(status ?? 1);

const { stacks } = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as Manifest;
for (const [name, { synthesizedStackPath, annotations }] of Object.entries(stacks)) {
  const file = join(folder, synthesizedStackPath);
  const { resource = {} } = JSON.parse(readFileSync(file, "utf8")) as { resource?: Record<string, object> };
  if (isRefused(resource)) {
    process.stdout.write(`${name}: refused\n`);
    process.exitCode = 1;
    continue;
  }
  const count = Object.values(resource).reduce((sum, instances) => sum + Object.keys(instances).length, 0);
  process.stdout.write(`${name}: ${count} resources in ${relative(process.cwd(), file)}\n`);
  for (const { level, message } of annotations) {
    if (level === AnnotationMetadataEntryType.WARN) process.stderr.write(`  warning: ${message}\n`);
  }
}
