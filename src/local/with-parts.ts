import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { correctTheName } from "../correction";
import { EDGE_PROGRAMS } from "../edge/edge-site";
import type { Environment } from "../environment/environment";
import { listOf, type Problem, refuse } from "../problem";
import { PROGRAM_PATH } from "./local-edge";

/** A real part that can take the place of what the fleet brings itself. */
interface RealPart {
  /** As it is asked for: `redis`, `edge=nginx`. */
  readonly name: string;
  /** Programs that have to be on the path. */
  readonly programs: readonly string[];
  /** Debian's packages with them. */
  readonly packages: string;
  readonly change: (environment: Environment) => Environment;
}

const parts: readonly RealPart[] = [
  {
    name: "redis",
    programs: ["redis-server"],
    packages: "redis-server",
    change: (environment) => ({ ...environment, taskStore: { kind: "local-redis" } }),
  },
  ...EDGE_PROGRAMS.map((program) => ({
    name: `edge=${program}`,
    programs: [program, "openssl"],
    packages: `${program} openssl`,
    change: (environment: Environment) => ({
      ...environment,
      local: { ...environment.local, edge: { ...environment.local?.edge, program } },
    }),
  })),
];

/** Parts that run as containers alone. */
const IN_CONTAINERS = ["postgres", "keycloak", "litellm", "prometheus"];

/** What can be asked for. */
export const realParts: readonly string[] = parts.map(({ name }) => name);

/**
 * The environment with the real parts that were asked for in the place of its own.
 *
 * @throws FleetError for every part that there isn't, or whose programs are not on the path.
 */
function withParts(environment: Environment, asked: readonly string[]): Environment {
  refuse("the fleet cannot run with these parts", asked.flatMap(findPartProblems));
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
        message: `--with ${asked}: ${listOf(absent)} is not on the path; install it (Debian: apt-get install ${part.packages}), or leave '${asked}' out`,
      },
    ];
  }
  if (IN_CONTAINERS.includes(asked)) {
    return [
      {
        rule: "parts-are-known",
        message: `--with ${asked}: it runs with the fleet in containers only; write them with 'npm run local -- compose', or leave it out`,
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

function isOnPath(program: string): boolean {
  return PROGRAM_PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
