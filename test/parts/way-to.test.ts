import { describe, expect, test } from "vitest";
import { wayTo, wayToHost } from "../../src/parts/way-to";

const pods = (namespace: string, port: number) => ({ namespace, podLabels: {}, port });

describe("the way to a URL", () => {
  test.each([
    ["http://models.acme.example", 80],
    ["https://models.acme.example", 443],
    ["https://models.acme.example:8443/v1", 8443],
  ])("of a domain, %s, is its port on all public addresses", (url, port) => {
    expect(wayTo(url)).toEqual([{ host: "models.acme.example", port }]);
  });

  test.each(["litellm.models.svc", "litellm.models.svc.cluster.local"])(
    "of a Service, %s, is the pods of its namespace, and nowhere outside",
    (host) => {
      expect(wayTo(`http://${host}:4000`)).toEqual([pods("models", 4000)]);
    },
  );

  test("of two parts, which a Service's name and a domain both have, is either", () => {
    expect(wayTo("http://litellm.models:4000")).toEqual([
      pods("models", 4000),
      { host: "litellm.models", port: 4000 },
    ]);
  });

  test("of three parts is a domain's, though they end as a Service's might begin", () => {
    expect(wayTo("http://svc.models.example:4000")).toEqual([{ host: "svc.models.example", port: 4000 }]);
  });

  test("of an address is that address alone", () => {
    expect(wayTo("http://10.40.1.7:4000")).toEqual([{ cidr: "10.40.1.7/32", port: 4000 }]);
  });

  test.each(["http://litellm.models:4000", "http://litellm.acme.example:4000", "http://10.40.1.7:4000"])(
    "of %s is the range, where one is given, and nothing else",
    (url) => {
      expect(wayTo(url, "10.40.0.0/16")).toEqual([{ cidr: "10.40.0.0/16", port: 4000 }]);
    },
  );

  test("of a host and a port is that of a URL with both", () => {
    expect(wayToHost("postgres.data", 5432)).toEqual(wayTo("http://postgres.data:5432"));
  });
});
