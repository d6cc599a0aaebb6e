import { describe, expect, it } from "vitest";
import { planChange } from "../../../src/rehearsal/provider/planning/plan-change";
import type { TypeSchema } from "../../../src/rehearsal/provider/schema/schema";
import {
  Dynamic,
  decodeValue,
  encodeValue,
  UNKNOWN,
  type Value,
} from "../../../src/rehearsal/provider/value";

const schema: TypeSchema = {
  version: 0,
  rules: { forceNew: ["name", "disk.kind", "zones"], defaults: { mode: "auto", size: 5 } },
  block: {
    attributes: {
      id: { type: "string", optional: true, computed: true },
      name: { type: "string", required: true },
      mode: { type: "string", optional: true, computed: true },
      size: { type: "number", optional: true },
      token: { type: "string", optional: true, write_only: true },
      zones: { type: ["set", "string"], optional: true },
    },
    block_types: {
      disk: {
        nesting_mode: "list",
        block: {
          attributes: {
            kind: { type: "string", optional: true },
            label: { type: "string", optional: true },
            path: { type: "string", computed: true },
          },
        },
      },
      rule: {
        nesting_mode: "set",
        block: {
          attributes: { port: { type: "number", optional: true }, key: { type: "string", computed: true } },
        },
      },
    },
  },
};

const empty = { id: null, name: "a", mode: null, size: null, token: null, zones: null, disk: [], rule: [] };
const settled = { ...empty, id: "1", mode: "auto", size: 5 };

describe("a plan", () => {
  it("leaves to the cloud what is computed and new, and knows static defaults", () => {
    const { planned } = planChange(schema, null, {
      ...empty,
      token: "secret",
      disk: [{ kind: "ssd", label: null, path: null }],
    });
    expect(planned).toEqual({
      ...empty,
      id: UNKNOWN,
      mode: "auto",
      size: 5,
      disk: [{ kind: "ssd", label: null, path: UNKNOWN }],
    });
  });

  it("is what was there when nothing changes, sets in another order included", () => {
    const prior = {
      ...settled,
      zones: ["1", "2"],
      rule: [
        { port: 1, key: "x" },
        { port: 2, key: "y" },
      ],
    };
    const proposed = { ...prior, zones: ["2", "1"], rule: [...prior.rule].reverse() };
    expect(planChange(schema, prior, proposed)).toEqual({ planned: prior, requiresReplace: [] });
  });

  it("keeps computed values of blocks that were there, and leaves those of new ones open", () => {
    const prior = { ...settled, disk: [{ kind: "ssd", label: "a", path: "/a" }] };
    const proposed = {
      ...prior,
      disk: [
        { kind: "ssd", label: "b", path: "/a" },
        { kind: null, label: "c", path: null },
      ],
    };
    expect(planChange(schema, prior, proposed)).toEqual({
      planned: { ...proposed, disk: [proposed.disk[0], { kind: null, label: "c", path: UNKNOWN }] },
      requiresReplace: [],
    });
  });

  it.each<[string, Record<string, Value>, (string | number)[][]]>([
    ["an argument", { name: "b" }, [["name"]]],
    ["an argument that isn't known yet", { name: UNKNOWN }, [["name"]]],
    [
      "an argument of one of several blocks",
      {
        disk: [
          { kind: "ssd", label: null, path: "/a" },
          { kind: "nvme", label: null, path: "/b" },
        ],
      },
      [["disk", 1, "kind"]],
    ],
    [
      "a block that goes with it",
      { disk: [{ kind: "ssd", label: null, path: "/a" }] },
      [["disk", 1, "kind"]],
    ],
    ["a set", { zones: ["3"] }, [["zones"]]],
    ["nothing but the rest", { size: 9 }, []],
  ])("names what forces a replacement: %s", (_, change, paths) => {
    const prior = {
      ...settled,
      zones: ["1"],
      disk: [
        { kind: "ssd", label: null, path: "/a" },
        { kind: "hdd", label: null, path: "/b" },
      ],
    };
    expect(planChange(schema, prior, { ...prior, ...change }).requiresReplace).toEqual(paths);
  });
});

describe("values on the wire", () => {
  it.each<[string, Value]>([
    ["null", null],
    ["an unknown inside", { a: [UNKNOWN, "x"] }],
    ["a dynamic value", new Dynamic(["object", { a: "string" }], { a: "b" })],
    ["numbers of all sizes", [1, -1, 0.25, 4_294_967_296, "123456789012345678901234567890"]],
    ["text beyond ASCII", "grüße ☁"],
  ])("come back as they went: %s", (_, value) => {
    expect(decodeValue(encodeValue(value))).toEqual(value);
  });

  it("reads a refined unknown as an unknown, and keeps whole numbers that no double holds", () => {
    expect(decodeValue(Uint8Array.from([0xc7, 0x02, 0x0c, 0x81, 0x00]))).toBe(UNKNOWN);
    expect(decodeValue(Uint8Array.from([0xcf, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))).toBe(
      "9223372036854775807",
    );
  });
});
