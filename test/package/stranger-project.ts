import { type ExecFileSyncOptions, execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");
/** cdktf's own template of a TypeScript project: `cdktf init --template=typescript`. */
const TEMPLATE = join(ROOT, "node_modules/cdktf-cli/bundle/templates/typescript");

/** What such a project installs beside the package. TypeScript 5 is what ts-node compiles with. */
const BESIDE = [
  ...["cdktf", "cdktf-cli", "constructs", "tsx", "@types/node"],
  ...["azuread", "azurerm", "google", "helm", "kubernetes"].map((name) => `@cdktf/provider-${name}`),
];
const OTHERS = ["typescript@5.9.3", "ts-node@10.9.2"];

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A cdktf project outside the repository, with the package as `npm pack` makes it. */
export interface StrangerProject {
  readonly folder: string;
  readonly tarball: string;
  /** Runs a command line in the project, or in a folder of it. */
  run(line: string, folder?: string): Ran;
  /** Removes it. */
  remove(): void;
}

/** Packs the package, and installs it where nothing of the repository is in reach. */
export function makeStrangerProject(): StrangerProject {
  const folder = mkdtempSync(join(tmpdir(), "stranger-"));
  execFileSync("npm", ["pack", "--pack-destination", folder], { cwd: ROOT, stdio: "ignore" });
  const [packed = ""] = readdirSync(folder);
  const tarball = join(folder, packed);
  cpSync(join(TEMPLATE, "tsconfig.json"), join(folder, "tsconfig.json"));
  const settings = readFileSync(join(TEMPLATE, "cdktf.json"), "utf8");
  writeFileSync(
    join(folder, "cdktf.json"),
    settings
      .replace("{{projectId}}", "stranger")
      .replace("{{sendCrashReports}}", "false")
      .replace("{{futureFlags}}", ""),
  );
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "stranger", private: true }));
  cpSync(join(__dirname, "project"), folder, { recursive: true });

  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const beside = BESIDE.map((name) => `${name}@${devDependencies[name]}`);
  const options: ExecFileSyncOptions = { cwd: folder, stdio: ["ignore", "ignore", "inherit"] };
  const flags = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", ["install", ...flags, tarball, ...beside, ...OTHERS], options);

  return {
    folder,
    tarball,
    run: (line, where = folder) => {
      const { status, stdout, stderr } = spawnSync(line, {
        cwd: where,
        shell: true,
        encoding: "utf8",
        // What the repository's own runner has set is none of a stranger's.
        env: {
          ...{ PATH: process.env.PATH, HOME: process.env.HOME },
          ...{ NO_COLOR: "1", CI: "true", npm_config_loglevel: "error" },
        },
      });
      return { code: status, stdout, stderr };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The stacks that the project's app wrote, by name, as Terraform reads them. */
export function readStacks(folder: string): Record<string, unknown> {
  const stacks = join(folder, "cdktf.out/stacks");
  return Object.fromEntries(
    readdirSync(stacks).map((name) => [
      name,
      JSON.parse(readFileSync(join(stacks, name, "cdk.tf.json"), "utf8")),
    ]),
  );
}
