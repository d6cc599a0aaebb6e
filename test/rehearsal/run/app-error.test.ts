import { expect, test } from "vitest";
import { readableAppError } from "../../../src/rehearsal/run/app-error";

test("an error keeps its message and the place in the project's own files", () => {
  const output = `/work/shop/agents/inventory.ts:33
undefinedThing.foo();
^

ReferenceError: undefinedThing is not defined
    at Object.resolve (/work/shop/node_modules/tsx/dist/loader.cjs:1:2)
    at Object.<anonymous> (/work/shop/agents/inventory.ts:33:1)
    at Object.<anonymous> (/work/shop/agents/index.ts:5:27)
    at node:internal/main/run_main_module:28:49

Node.js v20.20.2
`;
  expect(readableAppError(output, "/work/shop")).toBe(
    "ReferenceError: undefinedThing is not defined\nin agents/inventory.ts:33:1",
  );
});

test("an import of a file that doesn't exist is told with where it stands, without Node's properties", () => {
  const output = `node:internal/modules/cjs/loader:1228
  throw err;
  ^

Error: Cannot find module './nowhere'
Require stack:
- /work/shop/agents/inventory.ts
    at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15)
    at <anonymous> (/work/shop/agents/inventory.ts:2:19) {
  code: 'MODULE_NOT_FOUND',
  requireStack: [
    '/work/shop/agents/inventory.ts'
  ]
}

Node.js v20.20.2
`;
  expect(readableAppError(output, "/work/shop")).toBe(
    "Error: Cannot find module './nowhere'\nRequire stack:\n- /work/shop/agents/inventory.ts\nin agents/inventory.ts:2:19",
  );
});

test("an error that names its place, and what is no error of Node's, stay as they are", () => {
  const syntax = `Error: Transform failed with 1 error:
/work/shop/agents/inventory.ts:33:18: ERROR: Expected identifier but found "{"
    at failureErrorWithLog (/work/shop/node_modules/esbuild/lib/main.js:1467:15) {
  name: 'TransformError'
}
`;
  expect(readableAppError(syntax, "/work/shop")).toBe(
    'Error: Transform failed with 1 error:\n/work/shop/agents/inventory.ts:33:18: ERROR: Expected identifier but found "{"',
  );
  const problems = "the fleet cannot be built: 1 problem\n  - agent 'a': unknown property 'prt'\n";
  expect(readableAppError(problems, "/work/shop")).toBe(problems.trim());
});
