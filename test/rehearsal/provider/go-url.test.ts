import { describe, expect, it } from "vitest";
import { readGoUrl } from "../../../src/rehearsal/provider/validation/go-url";

const SECRET = "https://kv.vault.azure.net/secrets/gateway";

describe("a URL as Go reads it", () => {
  it("has a scheme in lower case, a host and a path without escapes", () => {
    expect(readGoUrl("HTTPS://user@kv.example:8443/a%20b?c#d")).toEqual({
      scheme: "https",
      host: "kv.example:8443",
      path: "/a b",
    });
  });

  it.each([
    ["a blank in front", SECRET, ` ${SECRET}`],
    ["a line break", SECRET, `${SECRET}\n`],
    ["a port that is no number", SECRET.replace(".net", ".net:443"), SECRET.replace(".net", ".net:https")],
    ["a blank in the host", SECRET.replace("gateway", "gate way"), SECRET.replace("kv.", "k v.")],
    ["half an escape", `${SECRET}%20`, `${SECRET}%2`],
    ["nothing before the colon", SECRET, SECRET.replace("https", "")],
    ["no slash and no scheme", "/secrets/gateway", "secrets/gateway"],
  ])("is none with %s, where one is asked for", (_, right, wrong) => {
    expect(readGoUrl(right, true)).toBeDefined();
    expect(readGoUrl(wrong, true)).toBeUndefined();
  });

  it("may be a path without a slash where none is asked for, unless a colon comes first", () => {
    expect(readGoUrl("secrets/gateway:1")).toEqual({ scheme: "", host: "", path: "secrets/gateway:1" });
    expect(readGoUrl("1secrets:1/gateway")).toBeUndefined();
  });

  it("ends at a fragment, but for a request", () => {
    expect(readGoUrl("/a#b")?.path).toBe("/a");
    expect(readGoUrl("/a#b", true)?.path).toBe("/a#b");
  });
});
