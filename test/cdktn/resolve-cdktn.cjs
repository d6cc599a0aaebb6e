/**
 * What `npm install cdktf@npm:cdktn` does, for one process: whoever asks for cdktf gets CDK Terrain, and its constructs.
 * `CDKTN_FOLDER` is where the two are installed.
 */
const Module = require("node:module");
const { join } = require("node:path");

const folder = process.env.CDKTN_FOLDER;
if (folder === undefined) throw new Error("CDKTN_FOLDER names no folder");
const instead = new Map([
  ["cdktf", "cdktn"],
  ["constructs", "constructs"],
]);
const resolve = Module._resolveFilename;

Module._resolveFilename = function (request, ...rest) {
  const [name, ...path] = String(request).split("/");
  const other = instead.get(name);
  if (other === undefined) return resolve.call(this, request, ...rest);
  return resolve.call(this, join(folder, "node_modules", other, ...path), ...rest);
};
