import type { Environment, PlatformKind } from "./environment";

/** The platforms that agents of an environment may run on, each once. */
export function platformsOf({ platform, agents = {} }: Environment): PlatformKind[] {
  return [...new Set([platform, ...Object.values(agents).map((each) => each.platform ?? platform)])];
}

/** Whether any agent of an environment may run on a platform. */
export function runsOn(environment: Environment, platform: PlatformKind): boolean {
  return platformsOf(environment).includes(platform);
}
