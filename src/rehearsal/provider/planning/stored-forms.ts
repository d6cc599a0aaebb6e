import { fromJson, isList, isObject, type Value } from "../value";

/** The form in which a provider plans and keeps a text, whatever form it was written in. */
export type StoredForm = (text: string) => string;

export const storedForms = {
  /** As Go writes JSON: without spaces, keys in order. What isn't JSON stays as it is. */
  json(text: string): string {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return text;
    }
    return JSON.stringify(inOrder(fromJson(value))).replaceAll(
      /[<>&\u2028\u2029]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
  },
  /** Azure's regions: "West Europe" is `westeurope`. */
  location: (text: string) => text.toLowerCase().replaceAll(" ", ""),
  upper: (text: string) => text.toUpperCase(),
} as const satisfies Readonly<Record<string, StoredForm>>;

export type StoredFormName = keyof typeof storedForms;

function inOrder(value: Value): Value {
  if (isList(value)) return value.map(inOrder);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, inOrder(value[key] ?? null)]),
  );
}
