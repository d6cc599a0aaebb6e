import { InvalidArgumentError } from "commander";
import { correctTheName } from "../correction";
import { listOf } from "../problem";
import { providerOfType, providerVersions, SchemaStore } from "../rehearsal/provider/schema/schema-store";
import type { Fault } from "../rehearsal/scenario";

const FORM =
  /^(?<type>[a-z0-9_]+)(?::(?<name>[^@/=]+))?(?:@(?<attempt>[1-9]\d*))?(?:\/(?<action>create|update|delete))?(?:=(?<delay>\d+))?$/;

/**
 * Reads `type[:name][@attempt][/action][=ms]`: with `=ms` the resource is slow and works, without it fails.
 *
 * @throws what commander shows when the text has another form
 */
export function parseFault(text: string): Fault {
  const parts = FORM.exec(text)?.groups;
  if (parts?.type === undefined) {
    throw new InvalidArgumentError(
      "Write a resource type, and if need be :name, @attempt, /create, /update or /delete, and =milliseconds: azurerm_container_app:inventory@1",
    );
  }
  const { type, name, attempt, action, delay } = parts;
  requireType(type);
  return {
    type,
    name,
    attempt: attempt === undefined ? undefined : Number(attempt),
    action: action as Fault["action"],
    ...(delay === undefined
      ? { error: "the rehearsal was told to let this fail (--fault)" }
      : { delayMs: Number(delay) }),
  };
}

/** A fault of a type that nothing has would never happen, and the rehearsal would seem to have survived it. */
function requireType(type: string): void {
  const provider = providerOfType(type);
  const types = provider in providerVersions ? new SchemaStore(provider).types("resource") : [];
  if (types.includes(type)) return;
  const what =
    types.length > 0 ? correctTheName(type, types) : `start it with ${listOf(Object.keys(providerVersions))}`;
  throw new InvalidArgumentError(`No simulated cloud has resources of type '${type}'; ${what}.`);
}
