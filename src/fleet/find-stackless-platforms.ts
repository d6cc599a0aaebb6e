import { platformTraits } from "../choices/platforms";
import type { Environment } from "../environment/environment";
import { platformsOf } from "../environment/platforms-of";
import type { Problem } from "../problem";

/** A platform that Terraform makes nothing of: agents there would be in no plan, without a word. */
export function findStacklessPlatforms(environment: Environment): Problem[] {
  return platformsOf(environment)
    .filter((platform) => platformTraits(platform).stack === null)
    .map((platform) => ({
      rule: "platforms-have-stacks",
      message:
        `environment '${environment.name}' has agents on '${platform}', which is no place to deploy to; start them with ` +
        `'npm run ${platform}', and take the environment out of stacks/environments/index.ts, or choose another platform`,
    }));
}
