import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { correctTheName } from "../correction";
import { EDGE_PROGRAMS } from "../edge/edge-site";
import type { Environment } from "../environment/environment";
import { listOf, type Problem, refuse } from "../problem";
import { LOCAL_PARTS, type LocalPart } from "./facts/local-settings";
import { programPath } from "./program-path";

/** A real part that can take the place of what the fleet brings itself. */
interface RealPart {
  /** As it is asked for: `redis`, `edge=nginx`. */
  readonly name: string;
  /** Programs that have to be on the path. */
  readonly programs: readonly string[];
  /** How they get there. */
  readonly install: string;
  readonly change: (environment: Environment) => Environment;
}

/** How the programs get here that run beside the agents. */
const BESIDE: Readonly<Record<LocalPart, Omit<RealPart, "name" | "change">>> = {
  keycloak: {
    programs: ["java"],
    install: "Debian: apt-get install openjdk-17-jre-headless maven; Maven then fetches Keycloak itself",
  },
  litellm: { programs: ["litellm"], install: "pipx install 'litellm[proxy]'" },
  prometheus: { programs: ["prometheus"], install: "Debian: apt-get install prometheus" },
};

const parts: readonly RealPart[] = [
  {
    name: "redis",
    programs: ["redis-server"],
    install: "Debian: apt-get install redis-server",
    change: (environment) => ({ ...environment, taskStore: { kind: "local-redis" } }),
  },
  {
    name: "postgres",
    programs: ["postgres", "initdb", "psql"],
    install: "Debian: apt-get install postgresql",
    change: (environment) => ({ ...environment, taskStore: { kind: "local-postgres" } }),
  },
  ...EDGE_PROGRAMS.map((program) => ({
    name: `edge=${program}`,
    programs: [program, "openssl"],
    install: `Debian: apt-get install ${program} openssl`,
    change: (environment: Environment) => ({
      ...environment,
      local: { ...environment.local, edge: { ...environment.local?.edge, program } },
    }),
  })),
  ...LOCAL_PARTS.map((name) => ({
    name,
    ...BESIDE[name],
    change: (environment: Environment) => ({
      ...environment,
      // Where it is, its process says when it has started.
      ...(name === "litellm"
        ? { modelGateway: { url: "http://127.0.0.1:4000", ...environment.modelGateway } }
        : {}),
      local: { ...environment.local, parts: [...(environment.local?.parts ?? []), name] },
    }),
  })),
];

/** What can be asked for. */
export const realParts: readonly string[] = parts.map(({ name }) => name);

/**
 * The environment with the real parts that were asked for in the place of its own.
 *
 * @throws FleetError for every part that there isn't, or whose programs are not on the path.
 */
function withParts(environment: Environment, asked: readonly string[]): Environment {
  refuse("the fleet cannot run with these parts", [...asked.flatMap(findPartProblems), ...findRivals(asked)]);
  return parts
    .filter(({ name }) => asked.includes(name))
    .reduce((with_, { change }) => change(with_), environment);
}

/** How somebody wants the fleet to run, other than its environment says. */
export interface LocalOptions {
  /** Real parts, by name. */
  readonly with?: readonly string[];
  /** Of the front. */
  readonly port?: number;
  readonly edgePort?: number;
}

/**
 * The environment as somebody asked for it.
 *
 * @throws FleetError as `withParts` does.
 */
export function asAsked(environment: Environment, options: LocalOptions): Environment {
  const { with: parts = [], port, edgePort } = options;
  const settled = withParts(environment, parts);
  const edge = settled.local?.edge;
  return {
    ...settled,
    local: {
      ...settled.local,
      ...(port === undefined ? {} : { port }),
      ...(edge === undefined || edgePort === undefined ? {} : { edge: { ...edge, port: edgePort } }),
    },
  };
}

function findPartProblems(asked: string): Problem[] {
  const part = parts.find(({ name }) => name === asked);
  if (part !== undefined) {
    const absent = part.programs.filter((program) => !isOnPath(program));
    if (absent.length === 0) return [];
    return [
      {
        rule: "parts-are-installed",
        message: `--with ${asked}: ${listOf(absent)} is not on the path; install it (${part.install}), or leave '${asked}' out`,
      },
    ];
  }
  return [
    {
      rule: "parts-are-known",
      message: `--with ${asked}: there is no such part (${listOf(realParts)}); ${correctTheName(asked, realParts)}`,
    },
  ];
}

/** Tasks are in one store, and one edge has the port. */
function findRivals(asked: readonly string[]): Problem[] {
  const rivals = [
    asked.filter((name) => name === "redis" || name === "postgres"),
    asked.filter((name) => name.startsWith("edge=")),
  ].filter((each) => new Set(each).size > 1);
  return rivals.map((each) => ({
    rule: "parts-agree",
    message: `--with ${each.join(",")}: the fleet has one of them at a time; leave out all but one`,
  }));
}

function isOnPath(program: string): boolean {
  return programPath()
    .split(delimiter)
    .some((folder) => {
      try {
        accessSync(join(folder, program), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
