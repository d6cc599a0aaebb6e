import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { type BuiltImage, buildDockerfile } from "./dockerfile";

export type Language = "python" | "typescript";
export const LANGUAGES: readonly Language[] = ["python", "typescript"];

const IMAGES = join(__dirname, "..", "..", "..", "agents", "images");
const CACHE = join(homedir(), ".cache", "a2a-fleet", "images");

/** Builds an image's Dockerfile in a clean folder, once for each content. */
export function buildImage(language: Language): BuiltImage {
  const files = filesOf(language);
  const digest = createHash("sha256");
  for (const file of files) digest.update(file).update(readFileSync(join(IMAGES, file)));
  const home = join(CACHE, `${language}-${digest.digest("hex").slice(0, 16)}`);
  const built = join(home, "image.json");
  if (existsSync(built)) return JSON.parse(readFileSync(built, "utf8")) as BuiltImage;

  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  const context = join(home, "context");
  for (const file of files) cpSync(join(IMAGES, file), join(context, file.slice(language.length + 1)));
  const image = buildDockerfile(context, join(home, "stages"), pathOf);
  writeFileSync(built, JSON.stringify(image, undefined, 2));
  return image;
}

/** What of an image's folder belongs to the project: what git knows, or would take. */
function filesOf(language: Language): string[] {
  const list = ["ls-files", "--cached", "--others", "--exclude-standard", "--", language];
  return execFileSync("git", list, { cwd: IMAGES, encoding: "utf8" })
    .split("\n")
    .filter((file) => file !== "" && existsSync(join(IMAGES, file)))
    .sort();
}

/** The programs that a base image has. */
function pathOf(base: string): string {
  const [, program = "", version = ""] = /(node|python):(\d+\.\d+(?:\.\d+)?)/.exec(base) ?? [];
  const folder = program === "node" ? nodeFolder(version) : pythonFolder(version);
  return [folder, "/usr/local/bin", "/usr/bin", "/bin"].join(delimiter);
}

/** The base's own Node, from npm: the release, and the npm that comes with the one on this machine. */
function nodeFolder(version: string): string {
  const home = join(CACHE, `node-${version}`);
  if (!existsSync(home)) {
    mkdirSync(CACHE, { recursive: true });
    const unpacked = mkdtempSync(join(CACHE, "node-"));
    writeFileSync(join(unpacked, "package.json"), "{}");
    const release = `node-linux-${process.arch}@${version}`;
    execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", release], {
      cwd: unpacked,
      stdio: "pipe",
    });
    renameSync(unpacked, home);
  }
  return join(home, "node_modules", `node-linux-${process.arch}`, "bin");
}

/** The base's Python if this machine has it, otherwise one that the agent runs on as well. */
function pythonFolder(version: string): string {
  const minor = version.split(".").slice(0, 2).join(".");
  for (const program of [`python${minor}`, "python3"]) {
    const { status, stdout } = spawnSync(
      program,
      ["-c", "import sys; print(sys.base_prefix, *sys.version_info[:2])"],
      {
        encoding: "utf8",
      },
    );
    if (status !== 0) continue;
    const [prefix = "", major, found] = stdout.trim().split(" ");
    if (Number(major) === 3 && Number(found) >= 11) return join(prefix, "bin");
  }
  throw new Error(
    `these tests run Python ${minor}, or 3.11 and newer; install it (Debian: apt-get install python3)`,
  );
}
