import { readGoUrl } from "../../validation/go-url";
import { allowGiven, type Field, type Json } from "../field";
import { dns1035Label, dnsSubdomain, portNumber } from "../formats/names";
import type { Judged, KindRules } from "../kind-rules";
import { judgeMetadata } from "./metadata";
import { judgeSelector } from "./selector";

/** Versions of reviews that an API server can send. */
const REVIEWS = ["v1", "v1beta1"];
const MOST_SECONDS = 30;
const URL_FORM = "; desired format: https://host[/path]";

export const webhookConfiguration: KindRules = {
  kinds: [
    "admissionregistration.k8s.io/v1/MutatingWebhookConfiguration",
    "admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration",
  ],
  judge({ object }: Judged) {
    judgeMetadata(object.at("metadata"), false);
    const names = new Set<string>();
    for (const webhook of object.at("webhooks").items()) {
      judgeWebhook(webhook);
      const name = webhook.at("name");
      if (names.has(name.text)) name.duplicate();
      if (!name.isEmpty) names.add(name.text);
    }
  },
};

function judgeWebhook(webhook: Field): void {
  judgeFullName(webhook.at("name"));
  for (const rule of webhook.at("rules").items()) judgeRule(rule);
  allowGiven(webhook.at("failurePolicy"), ["Fail", "Ignore"]);
  allowGiven(webhook.at("matchPolicy"), ["Equivalent", "Exact"]);
  allowGiven(webhook.at("reinvocationPolicy"), ["IfNeeded", "Never"]);
  const effects = webhook.at("sideEffects");
  if (!effects.isSet) effects.required("must specify one of None, NoneOnDryRun");
  allowGiven(effects, ["None", "NoneOnDryRun"]);
  const timeout = webhook.at("timeoutSeconds");
  if (timeout.isSet && (timeout.number < 1 || timeout.number > MOST_SECONDS)) {
    timeout.invalid(`the timeout value must be between 1 and ${MOST_SECONDS} seconds`);
  }
  judgeSelector(webhook.at("namespaceSelector"));
  judgeSelector(webhook.at("objectSelector"));
  judgeClient(webhook.at("clientConfig"));
  judgeReviews(webhook.at("admissionReviewVersions"));
}

function judgeFullName(name: Field): void {
  if (name.isEmpty) {
    name.required();
    return;
  }
  const problems = dnsSubdomain(name.text);
  name.invalidAll(problems);
  if (problems.length === 0 && name.text.split(".").length < 3) {
    name.invalid("should be a domain with at least three segments separated by dots");
  }
}

function judgeRule(rule: Field): void {
  for (const [name, things] of [
    ["operations", "operations"],
    ["apiGroups", "API groups"],
    ["apiVersions", "API versions"],
  ] as const) {
    const list = rule.at(name);
    const texts = list.items().map(({ text }) => text);
    if (texts.length === 0) list.required();
    if (texts.length > 1 && texts.includes("*")) {
      list.invalid(`if '*' is present, must not specify other ${things}`);
    }
  }
  for (const operation of rule.at("operations").items()) {
    allowGiven(operation, ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"]);
  }
  for (const version of rule.at("apiVersions").items()) if (version.isEmpty) version.required();
  judgeResources(rule.at("resources"));
  allowGiven(rule.at("scope"), ["*", "Cluster", "Namespaced"]);
}

/** `pods`, `pods/log`, with `*` for either part. */
function judgeResources(resources: Field): void {
  const all = resources.items();
  if (all.length === 0) resources.required();
  const kinds = new Set<string>();
  const parts = new Set<string>();
  let endsPlain = false;
  for (const resource of all) {
    const { text } = resource;
    if (text === "") resource.required();
    const [kind = "", part] = text.split(/\/(.*)/s);
    if (text === "" || part === undefined) {
      // The API server remembers the last one only.
      if (text !== "") endsPlain = text !== "*";
      continue;
    }
    if (kinds.has(kind)) resource.invalid(`if '${kind}/*' is present, must not specify ${text}`);
    if (parts.has(part)) resource.invalid(`if '*/${part}' is present, must not specify ${text}`);
    if (part === "*") kinds.add(kind);
    if (kind === "*") parts.add(part);
  }
  const texts = all.map(({ text }) => text);
  if (texts.length > 1 && texts.includes("*/*")) {
    resources.invalid("if '*/*' is present, must not specify other resources");
  }
  if (texts.includes("*") && endsPlain) {
    resources.invalid("if '*' is present, must not specify other resources without subresources");
  }
}

function judgeClient(client: Field): void {
  const url = client.at("url");
  const service = client.at("service");
  if (url.isSet === service.isSet) client.required("exactly one of url or service is required");
  else if (url.isSet) judgeUrl(url);
  else judgeService(service);
}

function judgeUrl(url: Field): void {
  const read = readGoUrl(url.text);
  if (read === undefined) {
    url.required(`url must be a valid URL${URL_FORM}`);
    return;
  }
  if (read.scheme !== "https") url.invalid(`'https' is the only allowed URL scheme${URL_FORM}`, read.scheme);
  if (read.host === "") url.invalid(`host must be specified${URL_FORM}`, "");
  const [, user] = /^[^/]*\/\/([^/?#]*)@/.exec(url.text) ?? [];
  if (user !== undefined) url.invalid("user information is not permitted in the URL", user);
  const [, fragment = ""] = /#(.*)$/s.exec(url.text) ?? [];
  if (fragment !== "") url.invalid("fragments are not permitted in the URL", fragment);
  const [, query = ""] = /\?([^#]*)/.exec(url.text) ?? [];
  if (query !== "") url.invalid("query parameters are not permitted in the URL", query);
}

function judgeService(service: Field): void {
  // The API server says of each what is wrong with the other.
  if (service.at("namespace").isEmpty) service.at("name").required();
  if (service.at("name").isEmpty) service.at("namespace").required();
  const port = service.at("port");
  if (port.isSet) {
    port.invalidAll(portNumber(port.number).map((problem) => `port is not valid: ${problem}`));
  }
  const path = service.at("path");
  if (path.isEmpty || path.text === "/") return;
  if (!path.text.startsWith("/")) path.invalid("must start with a '/'");
  const steps = path.text.slice(1).replace(/\/$/, "").split("/");
  steps.forEach((step, index) => {
    if (step === "") path.invalid(`segment[${index}] may not be empty`);
    else path.invalidAll(dnsSubdomain(step).map((problem) => `segment[${index}]: ${problem}`));
  });
}

function judgeReviews(versions: Field): void {
  const all = versions.items();
  if (all.length === 0) {
    versions.required(`must specify one of ${REVIEWS.join(", ")}`);
    return;
  }
  const seen = new Set<Json | undefined>();
  for (const version of all) {
    if (seen.has(version.text)) version.invalid("duplicate version");
    else version.invalidAll(dns1035Label(version.text), version.text);
    seen.add(version.text);
  }
  if (!REVIEWS.some((version) => seen.has(version))) {
    versions.invalid(`must include at least one of ${REVIEWS.join(", ")}`);
  }
}
