import { InvalidArgumentError } from "commander";
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
