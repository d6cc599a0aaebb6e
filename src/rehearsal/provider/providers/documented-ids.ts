import { readFileSync } from "node:fs";
import { join } from "node:path";
import { schemaFolder } from "../schema/schema-store";

let known: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;

/** The form of a type's ids as the provider documents it for an import, in the words of `azure-ids.ts`. */
export function documentedId(provider: "azurerm" | "google", type: string): string | undefined {
  known ??= JSON.parse(readFileSync(join(schemaFolder, "ids.json"), "utf8")) as NonNullable<typeof known>;
  return known[provider]?.[type];
}
