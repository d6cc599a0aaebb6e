import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { FleetError } from "../problem";

const run = promisify(execFile);

/** What an agent's code is started with, as its image's Dockerfile would. */
export interface AgentProgram {
  /** For people: `typescript`, `python`, `stand-in`. */
  readonly title: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Says what takes its time. */
type Say = (line: string) => void;

/** Code of the TypeScript image, installed and compiled, with what stands in for agents of other images. */
export interface TypescriptPrograms {
  readonly agent: AgentProgram;
  readonly standIn: AgentProgram;
}

const STAND_IN = "stand-in.mjs";

/**
 * Does what the TypeScript image's Dockerfile does, in a folder of this user's cache: once for each content.
 *
 * @throws FleetError with npm's words when something cannot be installed.
 */
export async function typescriptPrograms(source: string, say: Say): Promise<TypescriptPrograms> {
  const folder = join(cacheFolder(), `typescript-${contentOf(source)}`);
  const node = await nodeFor(source, say);
  if (!existsSync(folder)) {
    say("installing the TypeScript agents' packages, once");
    await inNewFolder(folder, async (made) => {
      cpSync(source, made, { recursive: true, filter: (path) => !isGenerated(relative(source, path)) });
      await npm(["ci", "--no-audit", "--no-fund"], made);
      // What npm runs is the compiler, on the Node of the image.
      const variables = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` };
      await npm(["run", "build"], made, variables);
      copyFileSync(join(__dirname, STAND_IN), join(made, "dist", "agent", STAND_IN));
    });
  }
  const program = (title: string, file: string): AgentProgram => ({
    title,
    program: node,
    args: [join("dist", "agent", file)],
    folder,
    variables: { NODE_ENV: "production" },
  });
  return { agent: program("typescript", "main.js"), standIn: program("stand-in", STAND_IN) };
}

/** The Python image's code on this Python, or undefined where its packages aren't installed. */
export async function pythonProgram(source: string, python: string): Promise<AgentProgram | undefined> {
  const program: AgentProgram = {
    title: "python",
    program: python,
    args: ["-m", "agent"],
    folder: source,
    variables: { PYTHONUNBUFFERED: "1", PYTHONDONTWRITEBYTECODE: "1" },
  };
  const variables = { ...process.env, ...program.variables };
  return run(python, ["-c", "import a2a_fleet.server, agent.app"], { cwd: source, env: variables }).then(
    () => program,
    () => undefined,
  );
}

/** This process's Node where the image's code runs on it, otherwise the one that its Dockerfile names, from npm. */
async function nodeFor(source: string, say: Say): Promise<string> {
  const { engines } = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as {
    engines: { node: string };
  };
  const needed = engines.node.replace(">=", "");
  if (needed.localeCompare(process.versions.node, "en", { numeric: true }) <= 0) return process.execPath;
  const dockerfile = readFileSync(join(source, "Dockerfile"), "utf8");
  const [, version = needed] = /node:(\d+\.\d+\.\d+)/.exec(dockerfile) ?? [];
  const release = `node-${process.platform}-${process.arch}`;
  const folder = join(cacheFolder(), `node-${version}`);
  if (!existsSync(folder)) {
    say(`fetching Node ${version}, once: the agents need ${needed}, and this is ${process.versions.node}`);
    await inNewFolder(folder, (made) =>
      npm(
        ["install", "--prefix", made, "--ignore-scripts", "--no-audit", "--no-fund", `${release}@${version}`],
        made,
      ),
    );
  }
  return join(folder, "node_modules", release, "bin", "node");
}

async function npm(args: readonly string[], folder: string, variables = process.env): Promise<void> {
  // npm hands its own settings to whatever it runs, this command too: a project's are not the agents'.
  const kept = Object.entries(variables).filter(
    ([name]) => !/^npm_(?!config_(?:registry|cafile|cache)$)/i.test(name),
  );
  await run("npm", args, { cwd: folder, env: Object.fromEntries(kept) }).catch((error: unknown) => {
    const { stderr = "" } = error as { stderr?: string };
    const said = stderr.trim().split("\n").slice(-5).join(" ");
    throw new FleetError("the agents' code cannot be prepared", [
      {
        rule: "agents-can-be-installed",
        message: `'npm ${args.join(" ")}' failed: ${said}; see to it that npm reaches its registry, and start again`,
      },
    ]);
  });
}

/** A folder that is there whole, or not at all. */
async function inNewFolder(folder: string, fill: (made: string) => Promise<void>): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const made = mkdtempSync(`${folder}-`);
  try {
    await fill(made);
    renameSync(made, folder);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    // Somebody else was faster.
    if (!existsSync(folder)) throw error;
  }
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "a2a-fleet", "local");
}

/** Whether a path of an image's folder is made from the others. */
function isGenerated(path: string): boolean {
  return /^(?:node_modules|dist)(?:\/|$)/.test(path.replaceAll("\\", "/"));
}

function contentOf(source: string): string {
  const digest = createHash("sha256").update(readFileSync(join(__dirname, STAND_IN)));
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !isGenerated(relative(source, file)));
  for (const file of files.toSorted()) digest.update(relative(source, file)).update(readFileSync(file));
  return digest.digest("hex").slice(0, 16);
}
