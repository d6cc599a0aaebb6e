import { create } from "xmlbuilder2";
import type { XMLBuilder } from "xmlbuilder2/lib/interfaces";

/** One statement of a policy of API Management. @see https://learn.microsoft.com/azure/api-management/api-management-policies */
export interface PolicyElement {
  readonly name: string;
  /** @default {} */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Statements inside it, or its text. @default [] */
  readonly content?: readonly PolicyElement[] | string;
}

/** A policy of one scope: what happens to a request, at the backend, to the response, and when something fails. */
export interface Policy {
  readonly inbound: readonly PolicyElement[];
  readonly backend: readonly PolicyElement[];
  readonly outbound: readonly PolicyElement[];
  readonly onError: readonly PolicyElement[];
}

/** Stands for what the enclosing scope says. A section without it drops that. */
export const base: PolicyElement = { name: "base" };

/** A policy that changes nothing about its enclosing scope. */
export const inherited: Policy = { inbound: [base], backend: [base], outbound: [base], onError: [base] };

/**
 * Writes a policy as API Management takes it from azurerm (`rawxml`): expressions stand in it literally, so attributes
 * are quoted singly, and it is well-formed XML all the same.
 *
 * @throws Error when a value holds a character that only one of the two readings takes: `<`, `>`, `&` or `'`.
 */
export function renderPolicy({ inbound, backend, outbound, onError }: Policy): string {
  const root = create().ele("policies");
  append(root, [
    { name: "inbound", content: inbound },
    { name: "backend", content: backend },
    { name: "outbound", content: outbound },
    { name: "on-error", content: onError },
  ]);
  const xml = root.end({ headless: true, prettyPrint: true });
  return xml.replace(/<[^>]*>/g, (tag) =>
    tag.replace(/="([^"]*)"/g, (_, value: string) => `='${value.replaceAll("&quot;", '"')}'`),
  );
}

function append(parent: XMLBuilder, elements: readonly PolicyElement[]): void {
  for (const { name, attributes = {}, content = [] } of elements) {
    for (const value of [...Object.values(attributes), ...(typeof content === "string" ? [content] : [])]) {
      if (/[<>&']/.test(value)) {
        throw new Error(
          `policy element '${name}': the value ${JSON.stringify(value)} holds one of < > & ', which a policy cannot carry; ` +
            "write the expression without it",
        );
      }
    }
    const element = parent.ele(name, { ...attributes });
    if (typeof content === "string") element.txt(content);
    else append(element, content);
  }
}
