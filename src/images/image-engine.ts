import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageSource } from "./image-source";
import type { CommandLine, Shell } from "./shell";

/** An image to be built once and named as often as agents start from it. */
export interface ImageBuild {
  readonly source: ImageSource;
  /** Host name of the registry, with the path in front of repositories where it has one. */
  readonly server: string;
  /** `server/repository:tag` of each agent. */
  readonly references: readonly string[];
  /** Arguments of the Dockerfile: what it was built from, and another base where somebody chose one. */
  readonly args: Readonly<Record<string, string>>;
}

/** What builds images and puts them into a registry. */
export interface ImageEngine {
  readonly name: EngineName;
  /** Where it gets: everywhere, or the registries of its own cloud. */
  readonly reaches: (server: string) => boolean;
  /** Why it can't be used on this machine, or undefined. */
  readonly findObstacle: (shell: Shell) => string | undefined;
  readonly build: (shell: Shell, build: ImageBuild) => void;
  readonly push: (shell: Shell, build: ImageBuild) => void;
}

export const ENGINES = ["docker", "podman", "buildah", "az", "gcloud"] as const;
export type EngineName = (typeof ENGINES)[number];

/** What every platform of a fleet runs, whatever the machine that builds. */
const PLATFORM = "linux/amd64";

const argsOf = ({ args }: ImageBuild) =>
  Object.entries(args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
const tagsOf = ({ references }: ImageBuild) => references.flatMap((reference) => ["-t", reference]);

/** An engine of this machine: it builds here, and pushes what it has built. */
function local(name: EngineName, answers: CommandLine, silent: string): ImageEngine {
  // The other format of these two has no place for a health check.
  const verb = name === "docker" ? ["build"] : ["build", "--format", "docker"];
  const build = (shell: Shell, job: ImageBuild) =>
    shell.run([name, ...verb, "--platform", PLATFORM, ...argsOf(job), ...tagsOf(job), job.source.folder]);
  return {
    name,
    reaches: () => true,
    findObstacle: (shell) => {
      const { code } = shell.ask(answers);
      if (code === 0) return undefined;
      return code === null ? "not installed" : silent;
    },
    build,
    push: (shell, job) => {
      build(shell, job);
      for (const reference of job.references) shell.run([name, "push", reference]);
    },
  };
}

/** Azure's registry builds for itself (ACR Tasks): a machine needs no engine. */
const az: ImageEngine = {
  name: "az",
  reaches: (server) => server.endsWith(".azurecr.io"),
  findObstacle: (shell) => installed(shell, ["az", "version"]),
  build: (shell, job) => shell.run(acrBuild(job, "--no-push")),
  push: (shell, job) => shell.run(acrBuild(job)),
};

function acrBuild(job: ImageBuild, ...more: string[]): CommandLine {
  // Within its own registry it names repositories without it.
  const tags = job.references.flatMap((reference) => ["--image", reference.slice(job.server.length + 1)]);
  const registry = job.server.slice(0, -".azurecr.io".length);
  return [
    "az",
    "acr",
    "build",
    "--registry",
    registry,
    "--platform",
    PLATFORM,
    ...argsOf(job),
    ...tags,
    ...more,
    job.source.folder,
  ];
}

/** Cloud Build, for what is pushed to Artifact Registry. */
const gcloud: ImageEngine = {
  name: "gcloud",
  reaches: (server) => server.includes("-docker.pkg.dev/"),
  findObstacle: (shell) => installed(shell, ["gcloud", "version"]),
  build: (shell, job) => submit(shell, job, []),
  push: (shell, job) => submit(shell, job, job.references),
};

function submit(shell: Shell, job: ImageBuild, images: readonly string[]): void {
  const args = ["build", "--platform", PLATFORM, ...argsOf(job), ...tagsOf(job), "."];
  const config = { steps: [{ name: "gcr.io/cloud-builders/docker", args }], images };
  const folder = mkdtempSync(join(tmpdir(), "a2a-fleet-build-"));
  const file = join(folder, "cloudbuild.json");
  const [, project = ""] = job.server.split("/");
  try {
    writeFileSync(file, JSON.stringify(config, undefined, 2));
    shell.run(["gcloud", "builds", "submit", job.source.folder, "--project", project, "--config", file]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function installed(shell: Shell, command: CommandLine): string | undefined {
  return shell.ask(command).code === 0 ? undefined : "not installed";
}

const engines: readonly ImageEngine[] = [
  local(
    "docker",
    ["docker", "version", "--format", "{{.Server.Version}}"],
    "installed, and its daemon does not answer",
  ),
  local("podman", ["podman", "info"], "installed, and does not run here"),
  local("buildah", ["buildah", "version"], "installed, and does not run here"),
  az,
  gcloud,
];

/** Thrown where nothing on this machine builds images for a registry. */
export class NoEngine extends Error {
  constructor(server: string, obstacles: readonly string[]) {
    const own = engines.filter(
      ({ name, reaches }) => (name === "az" || name === "gcloud") && reaches(server),
    );
    const remote = own.map(({ name }) => (name === "az" ? "the Azure CLI" : "the Google Cloud CLI"));
    const service =
      remote.length === 0 ? "" : `, or ${remote.join(" or ")}: then the registry builds by itself`;
    super(
      `nothing here builds images for ${server}: ${obstacles.join("; ")}. ` +
        `Install docker, podman or buildah${service}. To see the commands: --dry-run --engine docker`,
    );
    this.name = "NoEngine";
  }
}

/**
 * The first engine that reaches a registry and works here, or the one that somebody chose.
 *
 * @throws NoEngine where there is none
 */
export function findEngine(shell: Shell, server: string, chosen?: EngineName, dry = false): ImageEngine {
  const able = engines.filter(
    ({ name, reaches }) => reaches(server) && (chosen === undefined || name === chosen),
  );
  const obstacles: string[] = [];
  for (const engine of able) {
    const obstacle = dry && chosen !== undefined ? undefined : engine.findObstacle(shell);
    if (obstacle === undefined) return engine;
    obstacles.push(`${engine.name} is ${obstacle}`);
  }
  if (able.length === 0) obstacles.push(`${chosen} only builds for registries of its own cloud`);
  throw new NoEngine(server, obstacles);
}

/** What a registry says of a reference. */
export type InRegistry =
  | { readonly kind: "there"; readonly digest: string }
  | { readonly kind: "absent" }
  | { readonly kind: "unknown"; readonly why: string };

/** How each of the programs below says that a registry has no such image. */
const ABSENT =
  /(?:manifest|name)[ _]unknown|: not found\s*$|(?:tagged|repository) .* is not found|image not found/im;

/** Asks a registry by whichever program of this machine gets there: none of them needs a running engine. */
export function lookUp(shell: Shell, reference: string): InRegistry {
  const server = reference.slice(0, reference.indexOf("/"));
  const questions: CommandLine[] = [
    ["skopeo", "inspect", "--format", "{{.Digest}}", `docker://${reference}`],
    ["docker", "buildx", "imagetools", "inspect", "--format", "{{.Manifest.Digest}}", reference],
  ];
  if (server.endsWith(".azurecr.io")) questions.unshift(azQuestion(server, reference));
  if (server.endsWith("-docker.pkg.dev")) {
    const format = "--format=value(image_summary.digest)";
    questions.unshift(["gcloud", "artifacts", "docker", "images", "describe", reference, format]);
  }
  let why = `${questions.map(([program]) => program).join(", ")}: none is installed`;
  for (const question of questions) {
    const { code, output, errors } = shell.ask(question);
    if (code === null) continue;
    const digest = /sha256:[0-9a-f]{64}/.exec(output)?.[0];
    if (code === 0 && digest !== undefined) return { kind: "there", digest };
    if (ABSENT.test(errors)) return { kind: "absent" };
    why = `${question[0]}: ${errors.trim().split("\n").at(-1) ?? ""}`;
  }
  return { kind: "unknown", why };
}

function azQuestion(server: string, reference: string): CommandLine {
  const registry = server.slice(0, -".azurecr.io".length);
  const image = reference.slice(server.length + 1);
  return [
    "az",
    "acr",
    "repository",
    "show",
    "--name",
    registry,
    "--image",
    image,
    "--query",
    "digest",
    "--output",
    "tsv",
  ];
}

/** The commit that is built, for the label `org.opencontainers.image.revision`; `-dirty` where files differ from it. */
export function revisionHere(shell: Shell): string {
  const { code, output } = shell.ask([
    "git",
    "describe",
    "--always",
    "--dirty",
    "--abbrev=40",
    "--exclude=*",
  ]);
  return code === 0 ? output.trim() : "unknown";
}
