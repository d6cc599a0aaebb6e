import { describe, expect, test } from "vitest";
import { findMutants } from "./find-mutants";

const changesOf = (text: string) =>
  findMutants("src/x.ts", text).map(({ line, before, after }) => `${line}: ${before} → ${after}`);

describe("a source", () => {
  test.each([
    ["const wait = 5;", ["1: 5 → 6"]],
    ["const on = true;\nconst off = false;", ["1: true → false", "2: false → true"]],
    ['const name = "on";', ['1: "on" → ""']],
    ["const url = `http://${host}`;", ['1: `http://${host}` → ""']],
    ["const most = a < b;", ["1: a < b → (a <= b)"]],
    ["const both = a && b;", ["1: a && b → (a || b)"]],
    ["const sum = a + b;", ["1: a + b → (a - b)"]],
    ["const given = a ?? b;", ["1: a ?? b → (b)"]],
    ["const which = a ? b : c;", ["1: a ? b : c → (b)", "1: a ? b : c → (c)"]],
    ["if (a) b();", ["1: a → !(a)"]],
    ["const all = { a, ...b };", ["1: a, → ", "1: ...b → "]],
    ["const list = [a, ...b];", ["1: a, → ", "1: ...b → "]],
    ["const some = list.filter(isGood);", ["1: list.filter(isGood) → list"]],
    ["const every = list.every(isGood);", ["1: list.every → list.some"]],
    ["const most = Math.max(a, b);", ["1: Math.max → Math.min"]],
    ["const form = /^a$/;", ["1: /^a$/ → /a$/", "1: /^a$/ → /^a/"]],
  ])("%s is changed in each of its places", (text, changes) => {
    expect(changesOf(text)).toEqual(changes);
  });

  test.each([
    ['import { a } from "./a";'],
    ['type Kind = "a" | 1;'],
    ["interface A { readonly a: 5 }"],
    ['throw new Error("5 is wrong");'],
    ["const text = `a` + b;".replace("`a`", '""')],
  ])("%s is left as it is", (text) => {
    expect(changesOf(text)).toEqual([]);
  });

  test("is changed in one place alone, and whole otherwise", () => {
    const text = "const a = { first: 1, second: 2 };\nexport default a;\n";
    expect(findMutants("src/x.ts", text).map(({ source }) => source)).toEqual([
      "const a = {  second: 2 };\nexport default a;\n",
      "const a = { first: 2, second: 2 };\nexport default a;\n",
      "const a = { first: 1,  };\nexport default a;\n",
      "const a = { first: 1, second: 3 };\nexport default a;\n",
    ]);
  });
});
