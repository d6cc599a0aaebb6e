/** Whose task it is: the caller's subject, by which every read and write is narrowed. */
import type { ServerCallContext } from "@a2a-js/sdk/server";

export function ownerOf(context: ServerCallContext): string {
  return context.user?.userName || "anonymous";
}
