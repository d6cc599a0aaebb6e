import { Fn, TerraformLocal, Token } from "cdktf";
import { DataResource } from "cdktf/lib/terraform-data-resource";
import type { Construct } from "constructs";
import { findPlaceholders } from "../environment/find-placeholders";
import { placeOf } from "./place-of";

/** cdktf context that says that nothing here goes to a cloud: the rehearsal, and a synthesis that is only looked at. */
export const REHEARSAL_CONTEXT = "rehearsal";

/**
 * Keeps a stack whose settings are still the repository's placeholders away from every cloud: its plan stops with one
 * error that names file and line. Other environments stay deployable.
 */
export class PlaceholderGuard {
  /** Whether the stack is held back. */
  readonly closed: boolean;
  private readonly resource: DataResource | undefined;

  constructor(scope: Construct, name: string, settings: unknown) {
    const found = scope.node.tryGetContext(REHEARSAL_CONTEXT) === true ? [] : findPlaceholders(settings);
    this.closed = found.length > 0;
    if (!this.closed) return;
    const values = new TerraformLocal(scope, "placeholder-values", found);
    this.resource = new DataResource(scope, "placeholders", {
      lifecycle: {
        precondition: [
          {
            // A plain `false` is refused: a condition has to look at something.
            condition: `\${length(local.${values.friendlyUniqueId}) == 0}`,
            errorMessage:
              `${name} still holds placeholders: ${found.map((value) => `${value} (${placeOf(name, value)})`).join(", ")}. ` +
              "Replace them by your own values; the rehearsal works without.",
          },
        ],
      },
    });
  }

  /** A provider's argument: through the guard, so that a provider of a stack that is held back is never configured. */
  pass(value: string): string {
    return this.resource === undefined ? value : Token.asString(Fn.element([value, this.resource.id], 0));
  }
}
