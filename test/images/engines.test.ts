import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { imagesOf, taggedReference } from "../../src/images/fleet-image";
import { buildsOf } from "../../src/images/image-builds";
import { findEngine, lookUp } from "../../src/images/image-engine";
import { readImageSources } from "../../src/images/image-source";
import { pinnedImagesFile, pinnedImagesText, writePinnedImages } from "../../src/images/pinned-images-file";
import { type CommandLine, type Outcome, type Shell, shellIn, written } from "../../src/images/shell";
import { agents } from "../support/fleet/agents";
import { dev } from "../support/fleet/stacks/environments/dev";
import { production } from "../support/fleet/stacks/environments/production";
import { FLEET } from "../support/fleet-project";

const sources = readImageSources(FLEET, "agents/images");
const DIGEST = `sha256:${"ab".repeat(32)}`;

/** A machine with some programs, each of which says one thing; what is run there is written down. */
class Machine implements Shell {
  readonly commands: string[] = [];
  readonly files: string[] = [];
  readonly dry = false;
  constructor(private readonly programs: Record<string, Partial<Outcome>>) {}

  run = (command: CommandLine) => {
    this.commands.push(written(command));
    const config = command.indexOf("--config");
    if (config > 0) this.files.push(readFileSync(command[config + 1] ?? "", "utf8"));
    const digest = command.indexOf("--digestfile");
    if (digest > 0) writeFileSync(command[digest + 1] ?? "", `${DIGEST}\n`);
  };
  ask = ([program]: CommandLine) => ({
    code: program in this.programs ? 0 : null,
    output: "",
    errors: "",
    ...this.programs[program],
  });
}

const devBuilds = (bases?: ReadonlyMap<string, string>) =>
  buildsOf(imagesOf(agents, dev, sources), "c0ffee", bases);
const [pythonBuild] = devBuilds();
if (pythonBuild === undefined) throw new Error("nothing is built for dev");

describe("what is built", () => {
  it("is each image once, named for every agent that it has skills for", () => {
    const builds = devBuilds();
    expect(builds.map(({ source }) => source.folder)).toEqual([
      "agents/images/python",
      "agents/images/typescript",
    ]);
    expect(builds.flatMap(({ references }) => references).toSorted()).toEqual(
      agents.map(({ name, version }) => `a2afleetimages.azurecr.io/agents/${name}:${version}`).toSorted(),
    );
    expect(pythonBuild.args).toEqual({ REVISION: "c0ffee" });
    const [based] = devBuilds(new Map([["python", "acme.example/python@sha256:1"]]));
    expect(based?.args).toEqual({ REVISION: "c0ffee", BASE: "acme.example/python@sha256:1" });
  });

  it("is pushed where Artifact Registry fetches from, or to Artifact Registry itself", () => {
    const references = (environment: typeof production) =>
      imagesOf(agents, environment, sources).map(taggedReference);
    expect(references(production)).toContain("a2afleetimages.azurecr.io/agents/research:1.2.0");
    if (production.google === undefined) throw new Error("production has agents on Google");
    const images = { kind: "google", projectId: "acme-images", region: "europe-west4" } as const;
    const own = { ...production, google: { ...production.google, images } };
    expect(references(own)).toContain("europe-west4-docker.pkg.dev/acme-images/agents/agents/research:1.2.0");
    expect(references(own)).toContain("a2afleetimages.azurecr.io/agents/inventory:1.0.0");
  });

  it("follows a tag of the environment, and an agent's version where the environment pins a digest", () => {
    const tagsWith = (image: string) =>
      imagesOf(agents, { ...dev, agents: { research: { image } } }, sources).find(
        ({ agent }) => agent === "research",
      );
    expect(tagsWith("2.0.0-rc1")).toMatchObject({ tag: "2.0.0-rc1", pinned: "2.0.0-rc1" });
    expect(tagsWith(DIGEST)).toMatchObject({ tag: "1.2.0", pinned: DIGEST });
  });

  it("leaves out an agent whose skills no image has code for, and takes the image that somebody chose", () => {
    const [research] = agents.filter(({ name }) => name === "research");
    if (research === undefined) throw new Error("the sample fleet has no research");
    const skill = { id: "fly", name: "Fly", description: "Flies", tags: ["air"] };
    const [flying] = imagesOf(
      [{ ...research, skills: [...research.skills, skill] }],
      { ...dev, agents: {} },
      sources,
    );
    expect(flying?.source).toBeUndefined();
    const orchestrator = (chosen?: ReadonlyMap<string, string>) =>
      imagesOf(agents, dev, sources, chosen).find(({ agent }) => agent === "orchestrator")?.source?.name;
    expect(orchestrator()).toBe("python");
    expect(orchestrator(new Map([["orchestrator", "typescript"]]))).toBe("typescript");
  });
});

describe("who builds", () => {
  it("is the first engine that works here, and a registry's own service where none does", () => {
    const server = "acme.azurecr.io";
    expect(findEngine(new Machine({ docker: {}, podman: {} }), server).name).toBe("docker");
    expect(findEngine(new Machine({ docker: { code: 1 }, podman: {} }), server).name).toBe("podman");
    expect(findEngine(new Machine({ docker: { code: 1 }, az: {} }), server).name).toBe("az");
    expect(findEngine(new Machine({ docker: {}, az: {} }), server, "az").name).toBe("az");
    expect(
      findEngine(new Machine({ az: {}, gcloud: {} }), "europe-west4-docker.pkg.dev/acme/agents").name,
    ).toBe("gcloud");
  });

  it("is nobody on a bare machine, which is told what to install", () => {
    const find =
      (server: string, programs = {}) =>
      () =>
        findEngine(new Machine(programs), server);
    expect(find("acme.azurecr.io", { docker: { code: 1 } })).toThrow(
      "nothing here builds images for acme.azurecr.io: docker is installed, and its daemon does not answer; podman is " +
        "not installed; buildah is not installed; az is not installed. Install docker, podman or buildah, or the Azure " +
        "CLI: then the registry builds by itself. To see the commands: --dry-run --engine docker",
    );
    expect(find("ghcr.io", { az: {}, gcloud: {} })).toThrow(
      /buildah is not installed\. Install docker, podman or buildah\. To/,
    );
    expect(() => findEngine(new Machine({ az: {} }), "ghcr.io", "az")).toThrow(
      "az only builds for registries of its own",
    );
    // What is only shown needs no engine.
    expect(findEngine(new Machine({}), "ghcr.io", "podman", true).name).toBe("podman");
  });
});

describe("how it is built", () => {
  const run = (engine: "docker" | "buildah" | "az", verb: "build" | "push") => {
    const machine = new Machine({ [engine]: {} });
    findEngine(machine, pythonBuild.server, engine)[verb](machine, pythonBuild);
    return machine.commands;
  };

  it("by an engine: for the platform that fleets run on, with every name, each pushed", () => {
    const [build = "", ...pushes] = run("docker", "push");
    expect(build).toMatch(
      /^docker build --platform linux\/amd64 --build-arg REVISION=c0ffee -t a2afleetimages.* agents\/images\/python$/,
    );
    expect(pushes).toEqual(pythonBuild.references.map((reference) => `docker push ${reference}`));
    expect(run("docker", "build")).toEqual([build]);
    // In the other format the health check would be lost.
    expect(run("buildah", "build")[0]).toMatch(/^buildah build --format docker --platform/);
  });

  it("by an engine that tells digests: what it has pushed is not asked for again", () => {
    const machine = new Machine({ podman: {} });
    const told = findEngine(machine, pythonBuild.server, "podman").push(machine, pythonBuild);
    expect([...told]).toEqual(pythonBuild.references.map((reference) => [reference, DIGEST]));
  });

  it("by Azure's registry: in one step, and without a push where only a build was asked for", () => {
    const [command = "", ...more] = run("az", "push");
    expect(more).toEqual([]);
    expect(command).toMatch(/^az acr build --registry a2afleetimages --platform linux\/amd64 /);
    expect(command).toContain(" --image agents/research:1.2.0 ");
    expect(command).not.toContain("--no-push");
    expect(run("az", "build")[0]).toContain(" --no-push agents/images/python");
  });

  it("by Cloud Build: with a configuration that names every image", () => {
    const machine = new Machine({ gcloud: {} });
    const server = "europe-west4-docker.pkg.dev/acme/agents";
    const references = [`${server}/agents/research:1.2.0`, `${server}/agents/anomaly:1.0.0`];
    findEngine(machine, server, "gcloud").push(machine, { ...pythonBuild, server, references });
    expect(machine.commands[0]).toMatch(
      /^gcloud builds submit agents\/images\/python --project acme --config \//,
    );
    const config = JSON.parse(machine.files[0] ?? "");
    expect(config.images).toEqual(references);
    expect(config.steps[0].args).toEqual(
      expect.arrayContaining(["-t", references[1], "REVISION=c0ffee", "."]),
    );
  });

  it("stops at a command that fails, and writes words so that a shell takes them back", () => {
    const shell = shellIn(tmpdir(), () => undefined);
    expect(() => shell.run(["sh", "-c", "exit 3"])).toThrow("this did not work: sh -c 'exit 3'");
    expect(() => shell.run(["sh", "-c", "exit 0"])).not.toThrow();
    expect(shell.ask(["no-such-program"]).code).toBeNull();
    const words: CommandLine = ["printf", "%s|", "it's", "a b", "$HOME", "-t=x"];
    expect(shell.ask(["sh", "-c", written(words)]).output).toBe("it's|a b|$HOME|-t=x|");
  });
});

describe("what a registry has", () => {
  const reference = "acme.azurecr.io/agents/research:1.2.0";
  it.each([
    ["az", { output: `${DIGEST}\n` }, { kind: "there", digest: DIGEST }],
    ["skopeo", { output: `${DIGEST}\n` }, { kind: "there", digest: DIGEST }],
    ["skopeo", { code: 1, errors: 'msg="reading manifest 1.2.0: manifest unknown"' }, { kind: "absent" }],
    ["docker", { code: 1, errors: `ERROR: ${reference}: not found\n` }, { kind: "absent" }],
    [
      "az",
      { code: 1, errors: "ERROR: Error: manifest tagged by 'agents/research:1.2.0' is not found." },
      { kind: "absent" },
    ],
    [
      "skopeo",
      { code: 1, errors: "dial tcp: lookup acme.azurecr.io: no such host" },
      { kind: "unknown", why: "skopeo: dial tcp: lookup acme.azurecr.io: no such host" },
    ],
    ["git", {}, { kind: "unknown", why: "az, skopeo, docker: none is installed" }],
  ])("is asked of %s, which says %j", (program, says, expected) => {
    expect(lookUp(new Machine({ [program]: says }), reference)).toEqual(expected);
  });
});

describe("pinned images", () => {
  const project = mkdtempSync(join(tmpdir(), "images-pinned-"));
  afterAll(() => rmSync(project, { recursive: true }));

  it("are written into the environment's file where it has one, beside what was there", () => {
    const digests = new Map([["research", DIGEST]]);
    expect(writePinnedImages(project, "production", digests)).toBe(false);
    mkdirSync(join(project, "stacks/environments"), { recursive: true });
    const file = join(project, pinnedImagesFile("production"));
    writeFileSync(file, JSON.stringify({ inventory: "sha256:1", research: "sha256:2" }));
    expect(writePinnedImages(project, "production", digests)).toBe(true);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ inventory: "sha256:1", research: DIGEST });
    expect(pinnedImagesText(digests)).toBe(`agents: {\n  research: { image: "${DIGEST}" },\n},`);
  });
});
