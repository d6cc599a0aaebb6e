import type { Field } from "../field";
import { familyOf } from "../formats/addresses";
import {
  dns1035Label,
  dnsSubdomain,
  pathSegment,
  portName,
  portNumber,
  wildcardSubdomain,
} from "../formats/names";
import type { KindRules } from "../kind-rules";
import { judgeMetadata } from "./metadata";

const PATH_TYPES = ["Exact", "ImplementationSpecific", "Prefix"];
const CLASS = "kubernetes.io/ingress.class";

export const ingress: KindRules = {
  kinds: ["networking.k8s.io/v1/Ingress"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), true);
    const spec = object.at("spec");
    const backend = spec.at("defaultBackend");
    const rules = spec.at("rules");
    if (rules.isEmpty && !backend.isSet) {
      spec.invalid("either `defaultBackend` or `rules` must be specified", rules.value ?? null);
    }
    if (backend.isSet) judgeBackend(backend);
    rules.items().forEach(judgeIngressRule);
    for (const entry of spec.at("tls").items()) {
      for (const host of entry.at("hosts").items()) judgeHost(host);
      const secret = entry.at("secretName");
      if (!secret.isEmpty) secret.invalidAll(dnsSubdomain(secret.text));
    }
    const className = spec.at("ingressClassName");
    if (className.isSet) className.invalidAll(dnsSubdomain(className.text));
    const old = object.at("metadata", "annotations", CLASS);
    if (!prior && old.isSet && className.isSet && old.text !== className.text) {
      old.as(`annotations.${CLASS}`).invalid("must match `ingressClassName` when both are specified");
    }
  },
};

function judgeHost(host: Field): void {
  host.invalidAll((host.text.includes("*") ? wildcardSubdomain : dnsSubdomain)(host.text));
}

function judgeIngressRule(rule: Field): void {
  const host = rule.at("host");
  if (!host.isEmpty) {
    if (familyOf(host.text) !== undefined) host.invalid("must be a DNS name, not an IP address");
    judgeHost(host);
  }
  const http = rule.at("http");
  if (!http.isSet) return;
  if (http.at("paths").isEmpty) http.at("paths").required();
  for (const path of http.at("paths").items()) judgePath(path);
}

function judgePath(entry: Field): void {
  const type = entry.at("pathType");
  const path = entry.at("path");
  if (!type.isSet) {
    type.required("pathType must be specified");
    return;
  }
  if (!PATH_TYPES.includes(type.text)) type.unsupported(PATH_TYPES);
  const isFree = type.text === "ImplementationSpecific";
  if (PATH_TYPES.includes(type.text) && !path.text.startsWith("/") && !(isFree && path.isEmpty)) {
    path.invalid("must be an absolute path", path.text);
  }
  if (type.text === "Exact" || type.text === "Prefix") {
    for (const part of ["//", "/./", "/../", "%2f", "%2F"]) {
      if (path.text.includes(part)) path.invalid(`must not contain '${part}'`);
    }
    for (const end of ["/..", "/."]) if (path.text.endsWith(end)) path.invalid(`cannot end with '${end}'`);
  }
  judgeBackend(entry.at("backend"));
}

function judgeBackend(backend: Field): void {
  const resource = backend.at("resource");
  const service = backend.at("service");
  if (resource.isSet && service.isSet) {
    backend.invalid("cannot set both resource and service backends", "");
  } else if (resource.isSet) {
    judgeReference(resource);
  } else if (service.isSet) {
    const name = service.at("name");
    if (name.isEmpty) name.required();
    else name.invalidAll(dns1035Label(name.text));
    const portByName = service.at("port", "name");
    const portByNumber = service.at("port", "number");
    if (!portByName.isEmpty && portByNumber.number !== 0) {
      backend.invalid("cannot set both port name & port number", "");
    } else if (!portByName.isEmpty) portByName.invalidAll(portName(portByName.text));
    else if (portByNumber.number !== 0) portByNumber.invalidAll(portNumber(portByNumber.number));
    else backend.required("port name or number is required");
  } else backend.invalid("resource or service backend is required", "");
}

/** An object of any kind that an ingress or its class is about. */
export function judgeReference(reference: Field): void {
  const group = reference.at("apiGroup");
  if (group.isSet) group.invalidAll(dnsSubdomain(group.text));
  for (const name of ["kind", "name"]) {
    const field = reference.at(name);
    if (field.isEmpty) field.required();
    else field.invalidAll(pathSegment(field.text));
  }
}
