import { TerraformLocal, TerraformStack } from "cdktf";
import { DataResource } from "cdktf/lib/terraform-data-resource";
import type { Construct } from "constructs";
import { FleetError, type Problem } from "../problem";
import { terraformText } from "../terraform-text";

const REFUSAL = "refusal";

/**
 * In the place of a stack that can't be built: its plan stops with every problem of its environment, before anything
 * is changed. The stacks of other environments stand beside it as if nothing had happened.
 */
export class RefusedStack extends TerraformStack {
  constructor(scope: Construct, name: string, { subject, problems }: RefusedEnvironment) {
    super(scope, name);
    const found = new TerraformLocal(
      this,
      "problems",
      problems.map(({ message }) => terraformText(message)),
    );
    new DataResource(this, REFUSAL, {
      lifecycle: {
        precondition: [
          {
            // A plain `false` is refused: a condition has to look at something.
            condition: `\${length(local.${found.friendlyUniqueId}) == 0}`,
            errorMessage: terraformText(new FleetError(subject, problems).message),
          },
        ],
      },
    });
  }
}

/** An environment that can't be built, and everything that is wrong with it. */
export interface RefusedEnvironment {
  /** Who it is, as a refusal says it: `environment 'production'`. */
  readonly subject: string;
  readonly problems: readonly Problem[];
}

/** Whether the resources of a synthesized stack (`resource` in its JSON) are those of one that is refused. */
export function isRefused(resources: Readonly<Record<string, object>>): boolean {
  return REFUSAL in (resources.terraform_data ?? {});
}
