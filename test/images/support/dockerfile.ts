import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** One instruction, its words as they stand. */
interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** What a container of the last stage would be started with. */
export interface BuiltImage {
  /** Where the image's `/` is on this machine. */
  readonly root: string;
  readonly folder: string;
  /** Where the programs of its base are on this machine. */
  readonly programs: string;
  readonly variables: Record<string, string>;
  readonly labels: Record<string, string>;
  readonly user: string;
  readonly command: string[];
  readonly healthcheck: string[];
  /** The base of each stage. */
  readonly bases: string[];
}

/** The instructions of a Dockerfile, lines put together and comments left out. */
function readDockerfile(text: string): Instruction[] {
  return text
    .split("\n")
    .filter((line) => !/^\s*#/.test(line))
    .join("\n")
    .replace(/\\\n/g, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const [, name = "", rest = ""] = /^(\S+)\s+(.*)$/s.exec(line) ?? [];
      return { name, rest };
    });
}

/**
 * Carries out a Dockerfile's steps as they stand, below a folder of this machine instead of in an engine. What a step
 * finds installed is what its base has: `pathOf` says where that is here.
 *
 * @throws Error of a step that fails, or for an instruction that no Dockerfile here has.
 */
export function buildDockerfile(context: string, root: string, pathOf: (base: string) => string): BuiltImage {
  const stages = new Map<string, string>();
  const args: Record<string, string> = {};
  const bases: string[] = [];
  let stage = "";
  let base = "";
  let folder = "/";
  let image: Omit<BuiltImage, "root" | "folder" | "bases" | "programs"> = empty();
  const fill = (text: string) =>
    text.replace(/\$\{(\w+)\}|\$(\w+)/g, (_, braced, bare) => {
      const name = braced ?? bare;
      return args[name] ?? image.variables[name] ?? (name === "PATH" ? pathOf(base) : "");
    });
  const here = (path: string) => (path.startsWith("/") ? join(stage, path) : join(stage, folder, path));

  for (const { name, rest } of readDockerfile(readFileSync(join(context, "Dockerfile"), "utf8"))) {
    if (name === "ARG") {
      const [key = "", value = ""] = rest.split("=");
      args[key] = value;
    } else if (name === "FROM") {
      const [from = "", , as] = fill(rest).split(/\s+/);
      base = from;
      bases.push(from);
      stage = join(root, as ?? "final");
      stages.set(as ?? "final", stage);
      folder = "/";
      image = empty();
    } else if (name === "WORKDIR") {
      folder = rest;
      mkdirSync(here("."), { recursive: true });
    } else if (name === "COPY") {
      const words = rest.split(/\s+/);
      const from = words[0]?.startsWith("--from=") ? stages.get(words.shift()?.slice(7) ?? "") : undefined;
      const target = words.pop() ?? "";
      for (const word of words)
        copy(from === undefined ? join(context, word) : join(from, word), here(target), target);
    } else if (name === "RUN") {
      const variables = { ...image.variables, PATH: fill("$PATH"), HOME: process.env.HOME ?? "/root" };
      execFileSync("sh", ["-ec", rest], {
        cwd: here("."),
        env: { ...registries(), ...variables },
        stdio: "pipe",
      });
    } else if (name === "ENV") {
      Object.assign(
        image.variables,
        pairs(rest, (value) => fill(value).replaceAll("/app", join(stage, "app"))),
      );
    } else if (name === "LABEL") {
      Object.assign(image.labels, pairs(rest, fill));
    } else if (name === "USER") {
      image = { ...image, user: rest };
    } else if (name === "HEALTHCHECK") {
      image = { ...image, healthcheck: JSON.parse(rest.slice(rest.indexOf("["))) as string[] };
    } else if (name === "CMD") {
      image = { ...image, command: JSON.parse(rest) as string[] };
    } else {
      throw new Error(`${context}/Dockerfile says ${name}, which these tests don't carry out`);
    }
  }
  return { ...image, root: stage, folder: here("."), programs: pathOf(base), bases };
}

function empty(): Omit<BuiltImage, "root" | "folder" | "bases" | "programs"> {
  return { variables: {}, labels: {}, user: "root", command: [], healthcheck: [] };
}

/** Into a folder if the target ends so, as COPY does; the content of a folder, never the folder itself. */
function copy(source: string, target: string, word: string): void {
  const into = /\/$|^\.$/.test(word) && !isFolder(source) ? join(target, basename(source)) : target;
  mkdirSync(join(into, ".."), { recursive: true });
  if (isFolder(source)) {
    mkdirSync(into, { recursive: true });
    execFileSync("cp", ["-al", `${source}/.`, into]);
  } else {
    cpSync(source, into);
  }
}

function isFolder(path: string): boolean {
  return (
    execFileSync("sh", ["-c", '[ -d "$0" ] && echo yes || true', path], { encoding: "utf8" }).trim() === "yes"
  );
}

/** `A=b C="d e"`. */
function pairs(text: string, fill: (value: string) => string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/([\w.-]+)=(?:"([^"]*)"|(\S+))/g)].map(([, key = "", quoted, bare]) => [
      key,
      fill(quoted ?? bare ?? ""),
    ]),
  );
}

/** How this machine reaches the registries of packages; a build in an engine has its own way. */
function registries(): Record<string, string> {
  const names = /^(PIP_|npm_config_|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|HTTPS?_PROXY|NO_PROXY)/i;
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => {
      // npm hands its own settings to whatever it runs, this test too.
      return (
        names.test(entry[0]) && entry[1] !== undefined && !/^npm_config_(?!registry|cafile)/i.test(entry[0])
      );
    }),
  );
}
