import { describe, expect, test } from "vitest";
import type { Reach } from "../../src/agent/reach";
import type { Environment } from "../../src/environment/environment";
import { helper, onBothClouds, onGoogle } from "../support/fleet-on-google";
import { type FinishedStack, synthEnvironment } from "../support/synth";

const front = { ...helper, name: "front", audience: "customer-facing" } as const;
const balanced: Environment = { ...onGoogle, cloudRun: { front: { kind: "load-balancer" } } };
const gated: Environment = {
  ...balanced,
  cloudRun: { front: { kind: "load-balancer", admits: ranges(12) } },
};

function ranges(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `198.51.100.${index}/32`);
}

/** What the load balancer does with a request, evaluated as Google does: certificate and policy, host, longest path. */
function ask(
  stack: FinishedStack,
  { scheme = "https", host = "run.acme.test", path = "/", from = "192.0.2.1" },
) {
  const rules = stack.resources("google_compute_global_forwarding_rule");
  const port = scheme === "https" ? "443" : "80";
  const rule = rules.find(({ arguments: { port_range } }) => port_range === port);
  const proxy = named(stack, rule?.arguments.target);
  const map = named(stack, proxy.arguments.url_map);
  const redirect = map.arguments.default_url_redirect;
  if (redirect !== undefined) return redirect.https_redirect ? "redirected to https" : "redirected";
  const matcher = map.arguments.host_rule
    .filter(({ hosts }: { hosts: string[] }) => hosts.includes(host))
    .map(({ path_matcher }: { path_matcher: string }) =>
      map.arguments.path_matcher.find(({ name }: { name: string }) => name === path_matcher),
    )[0];
  const route = matcher?.path_rule.find(({ paths }: { paths: string[] }) =>
    paths.some((pattern) =>
      pattern.endsWith("/*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern,
    ),
  );
  const action = route === undefined ? (matcher ?? map.arguments).default_route_action : undefined;
  const backend = named(stack, route?.service ?? action.weighted_backend_services[0].backend_service);
  const verdict = admits(named(stack, backend.arguments.security_policy).arguments.rule, from);
  if (verdict !== "allow" && verdict !== "throttle") return verdict;
  if (action !== undefined) return String(action.fault_injection_policy.abort.http_status);
  const group = named(stack, backend.arguments.backend[0].group);
  const rewritten = path.replace(/^\/agents\/[^/]+\/?/, route.route_action.url_rewrite.path_prefix_rewrite);
  return `${verdict} ${group.arguments.cloud_run.service} ${rewritten}`;
}

// biome-ignore lint/suspicious/noExplicitAny: finished JSON
function admits(rules: any[], from: string): string {
  const matching = rules
    .filter(({ match }) =>
      match.config.src_ip_ranges.some((range: string) => range === "*" || range === `${from}/32`),
    )
    .toSorted((a, b) => a.priority - b.priority);
  return matching[0]?.action ?? "allow";
}

function named(stack: FinishedStack, reference: string) {
  const address = reference.replace(/^\$\{|\.id\}$/g, "");
  const found = stack.resources().find((resource) => resource.address === address);
  if (found === undefined) throw new Error(`nothing has the address ${address}`);
  return found;
}

/** Headers of a request as they are passed on to an agent. */
function passedOn(stack: FinishedStack, sent: Readonly<Record<string, string>>) {
  const [matcher] = stack
    .resources("google_compute_url_map")
    .flatMap(({ arguments: { path_matcher = [] } }) => path_matcher);
  const { request_headers_to_add = [], request_headers_to_remove = [] } = matcher.header_action ?? {};
  const kept = Object.entries(sent).filter(([name]) => !request_headers_to_remove.includes(name));
  const added = request_headers_to_add.map(
    ({
      header_name,
      header_value,
      replace,
    }: {
      header_name: string;
      header_value: string;
      replace: boolean;
    }) => [header_name, replace ? header_value : `${sent[header_name]}, ${header_value}`],
  );
  return Object.fromEntries([...kept, ...added]);
}

describe("the load balancer", () => {
  const stack = synthEnvironment(balanced, [front, helper]);

  test("leads to customer-facing agents below their path, which the agent doesn't see", () => {
    expect(ask(stack, { path: "/agents/front/.well-known/agent-card.json" })).toBe(
      "throttle trial-front /.well-known/agent-card.json",
    );
    expect(ask(stack, { path: "/agents/front" })).toBe("throttle trial-front /");
  });

  test.each([
    ["an internal agent", { path: "/agents/helper/" }],
    ["an agent whose name only starts the same", { path: "/agents/frontier/" }],
    ["any other path", { path: "/" }],
    ["any other host", { host: "other.acme.test", path: "/agents/front" }],
  ])("answers 404 for %s", (_what, request) => {
    expect(ask(stack, request)).toBe("404");
  });

  test("redirects plain HTTP", () => {
    expect(ask(stack, { scheme: "http", path: "/agents/front" })).toBe("redirected to https");
  });

  test("limits each address to the environment's rate", () => {
    const [policy] = synthEnvironment({ ...balanced, rateLimitPerMinute: 30 }, [front]).resources(
      "google_compute_security_policy",
    );
    expect(policy?.arguments.rule[0].rate_limit_options).toMatchObject({
      enforce_on_key: "IP",
      exceed_action: "deny(429)",
      rate_limit_threshold: { count: 30, interval_sec: 60 },
    });
  });

  test("names its certificate after the host, and has the next one before the old one goes", () => {
    const certificateOf = (host: string) =>
      synthEnvironment({ ...balanced, cloudRun: { front: { kind: "load-balancer", host } } }, [front]).at(
        "google/front/certificate",
      ).arguments;
    const [one, other] = [certificateOf("one.acme.test"), certificateOf("other.acme.test")];
    expect(one.managed.domains).toEqual(["one.acme.test"]);
    expect(one.name).not.toBe(other.name);
    expect(one.lifecycle.create_before_destroy).toBe(true);
    expect(certificateOf("one.acme.test").name).toBe(one.name);
  });

  test("neither buffers, compresses nor caches, and asks serverless backends for no health", () => {
    const { arguments: backend } = stack.at("google/front/front-backend");
    expect(backend).toMatchObject({ enable_cdn: false, compression_mode: "DISABLED" });
    expect(backend).not.toHaveProperty("health_checks");
    expect(backend).not.toHaveProperty("timeout_sec");
  });

  test("says which host was asked, whatever a caller says", () => {
    const sent = {
      "X-Forwarded-Host": "evil.example",
      Forwarded: "host=evil.example",
      "X-Original-URL": "/evil",
    };
    expect(passedOn(stack, sent)).toEqual({ "X-Forwarded-Host": "run.acme.test" });
  });

  test("speaks TLS 1.2 and above", () => {
    expect(stack.at("google/front/tls").arguments.min_tls_version).toBe("TLS_1_2");
  });
});

describe("a load balancer behind the gateway", () => {
  const stack = synthEnvironment(gated, [front]);

  test.each([
    ["198.51.100.0", "allow trial-front /"],
    // The eleventh range is in a second rule: one rule takes ten.
    ["198.51.100.11", "allow trial-front /"],
    ["198.51.100.12", "deny(403)"],
    ["192.0.2.1", "deny(403)"],
  ])("from %s: %s", (from, verdict) => {
    expect(ask(stack, { path: "/agents/front/", from })).toBe(verdict);
  });
});

describe("behind a gateway on Azure, the load balancer admits", () => {
  const both: Environment = { ...onBothClouds, agents: { front: { image: "1.2.0" } } };
  const named = { ...both.cloudRun, ...gated.cloudRun };
  const admitted = (environment: Environment) => {
    const stack = synthEnvironment(environment, [front]);
    const [policy] = stack.resources("google_compute_security_policy");
    const allowed = policy?.arguments.rule
      .filter(({ action }: { action: string }) => action === "allow")
      .flatMap(({ match }: { match: { config: { src_ip_ranges: string[] } } }) => match.config.src_ip_ranges);
    expect(policy?.arguments.rule.at(-1)).toMatchObject({ action: "deny(403)", priority: 2147483647 });
    return { stack, allowed };
  };

  test("and leaves it what the gateway says of the host that was asked", () => {
    const sent = { "X-Forwarded-Host": "api.acme.test" };
    expect(passedOn(admitted(both).stack, sent)).toEqual(sent);
  });

  test("the address that the fleet's own gateway leaves from, by reference", () => {
    const { stack, allowed } = admitted(both);
    const address = stack.at("shared/gateway/service/address").address;
    expect(allowed).toEqual([`\${${address}.ip_address}/32`]);
    const [translated] = stack.resources("azurerm_nat_gateway_public_ip_association");
    expect(translated?.arguments.public_ip_address_id).toBe(`\${${address}.id}`);
  });

  test("besides, whom its settings name", () => {
    const { stack, allowed } = admitted({ ...both, cloudRun: named });
    expect(allowed).toEqual([
      `\${${stack.at("shared/gateway/service/address").address}.ip_address}/32`,
      ...ranges(12),
    ]);
  });

  test("of a gateway without an address that stays, whom its settings name alone", () => {
    const basic = { ...both, gateway: { sku: "BasicV2_1" }, cloudRun: named };
    const { stack, allowed } = admitted(basic);
    expect(allowed).toEqual(ranges(12));
    expect(stack.resources("azurerm_nat_gateway")).toEqual([]);
    const [service] = stack.resources("azurerm_api_management");
    expect(service?.arguments).not.toHaveProperty("virtual_network_configuration");
  });
});

test.each<[Reach, boolean]>([
  ["internet", true],
  ["vnet", true],
  ["environment", false],
])("an agent of reach '%s' is behind it: %s", (reach, behind) => {
  const stack = synthEnvironment({ ...balanced, agents: { helper: { reach } } }, [helper]);
  expect(ask(stack, { path: "/agents/helper/" }) === "404").toBe(!behind);
  const [service] = stack.resources("google_cloud_run_v2_service");
  // Never both ways at once: run.app is closed wherever the load balancer leads.
  expect(service?.arguments.ingress).toBe(
    behind ? "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" : "INGRESS_TRAFFIC_INTERNAL_ONLY",
  );
});
