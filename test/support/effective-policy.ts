import { DOMParser, type Element, onErrorStopParsing } from "@xmldom/xmldom";
import type { FinishedStack } from "./synth";

/** One statement of a policy. */
export interface Statement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Statement[];
  readonly text: string;
}

export type Section = "inbound" | "backend" | "outbound" | "on-error";

/** What really happens to a request for one operation: the policies of all scopes, put together as the service does. */
export interface EffectiveOperation {
  /** Name of the API. */
  readonly api: string;
  /** Path of the API, without a slash in front. */
  readonly apiPath: string;
  readonly subscriptionRequired: boolean;
  readonly method: string;
  readonly path: string;
  readonly sections: Readonly<Record<Section, readonly Statement[]>>;
}

/** Azure's own policy of the whole service, where nobody set another. It holds answers back. */
const AZURES_OWN =
  "<policies><inbound/><backend><forward-request/></backend><outbound/><on-error/></policies>";

const INHERIT =
  "<policies><inbound><base/></inbound><backend><base/></backend><outbound><base/></outbound><on-error><base/></on-error></policies>";

/** Every operation of every API in a finished stack. */
export function effectiveOperations(stack: FinishedStack): EffectiveOperation[] {
  const name = (reference: string) => follow(stack, reference);
  const own = (type: string, fits: (policy: Record<string, string>) => boolean): string | undefined =>
    stack.resources(type).find(({ arguments: policy }) => fits(policy))?.arguments.xml_content;
  const service = merge(own("azurerm_api_management_policy", () => true) ?? AZURES_OWN, undefined);
  return stack.resources("azurerm_api_management_api").flatMap(({ arguments: api }) => {
    const scope = merge(
      own("azurerm_api_management_api_policy", (policy) => name(policy.api_name as string) === api.name) ??
        INHERIT,
      service,
    );
    return stack
      .resources("azurerm_api_management_api_operation")
      .filter(({ arguments: operation }) => name(operation.api_name) === api.name)
      .map(({ arguments: operation }) => ({
        api: api.name,
        apiPath: api.path,
        subscriptionRequired: api.subscription_required ?? true,
        method: operation.method,
        path: operation.url_template,
        sections: merge(
          own(
            "azurerm_api_management_api_operation_policy",
            (policy) =>
              name(policy.api_name as string) === api.name &&
              name(policy.operation_id as string) === operation.operation_id,
          ) ?? INHERIT,
          scope,
        ),
      }));
  });
}

/** A value, or what a reference to an argument of another resource stands for. */
export function follow(stack: FinishedStack, value: string): string {
  const [, type, id, argument] = /^\$\{(\w+)\.([\w-]+)\.(\w+)\}$/.exec(value) ?? [];
  if (type === undefined) return value;
  const target = stack.json.resource?.[type]?.[id as string]?.[argument as string];
  return target === undefined ? value : follow(stack, target);
}

/** Puts the policy of a scope together with that of the one around it, which takes the place of `<base />`. */
export function merge(
  xml: string,
  outer: EffectiveOperation["sections"] | undefined,
): EffectiveOperation["sections"] {
  const policy = parsePolicy(xml);
  const section = (name: Section) =>
    (policy.children.find((child) => child.name === name)?.children ?? []).flatMap((statement) =>
      statement.name === "base" ? (outer?.[name] ?? []) : [statement],
    );
  return {
    inbound: section("inbound"),
    backend: section("backend"),
    outbound: section("outbound"),
    "on-error": section("on-error"),
  };
}

/** @throws when the text is not well-formed, or an expression in it stands there otherwise than it reads as XML */
export function parsePolicy(xml: string): Statement {
  const document = new DOMParser({ onError: onErrorStopParsing }).parseFromString(xml, "text/xml");
  const policy = statementOf(document.documentElement as Element);
  for (const value of valuesOf(policy)) {
    // The service takes expressions as they stand: what an XML writer escaped would be C# that doesn't compile.
    if (value.startsWith("@") && !xml.includes(value)) throw new Error(`the expression ${value} is escaped`);
  }
  return policy;
}

function valuesOf({ attributes, text, children }: Statement): string[] {
  return [...Object.values(attributes), text, ...children.flatMap(valuesOf)];
}

function statementOf(element: Element): Statement {
  const children = [...element.childNodes].filter((node): node is Element => node.nodeType === 1);
  return {
    name: element.tagName,
    attributes: Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value])),
    children: children.map(statementOf),
    text: children.length === 0 ? (element.textContent ?? "").trim() : "",
  };
}

/** Statements of a name, however deep. */
export function statements(within: readonly Statement[], name: string): Statement[] {
  return within.flatMap((statement) => [
    ...(statement.name === name ? [statement] : []),
    ...statements(statement.children, name),
  ]);
}

/** Texts of a chain of elements: `["audiences", "audience"]`. */
export function texts(statement: Statement, ...[name, ...rest]: readonly string[]): string[] {
  if (name === undefined) return [statement.text];
  return statement.children.filter((child) => child.name === name).flatMap((child) => texts(child, ...rest));
}
