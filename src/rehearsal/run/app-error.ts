import { relative } from "node:path";

const FRAME = /^\s+at (?:\S.* \(|async |file:|node:|\/)/;

/**
 * What an app said when it failed, as its author needs it: the message and the place in their own files, not the way
 * there through cdktf and Node.
 *
 * @param output everything that the app wrote
 * @param folder the project's, for short paths
 */
export function readableAppError(output: string, folder: string): string {
  const lines = output.split("\n");
  const kept = lines.filter((line) => !FRAME.test(line));
  // Node prints the source line that threw, with a caret under it, before the error itself.
  const caret = kept.findIndex((line) => /^\s*\^+\s*$/.test(line));
  const message = kept
    .slice(caret + 1)
    .filter((line) => !/^Node\.js v\d/.test(line))
    .join("\n")
    // After the frames Node prints the error's own properties, which repeat its message.
    .replace(/^(\S*Error: [\s\S]*?)(?: \{)?\n {2}(?:name|code|errno): '?\w[\s\S]*?\n\}$/m, "$1")
    .trim();
  const place = lines.filter((line) => FRAME.test(line)).flatMap((frame) => placeOf(frame, folder))[0];
  return place === undefined || message.includes(place) ? message : `${message}\nin ${place}`;
}

/** File, line and column of a frame in the project's own files. */
function placeOf(frame: string, folder: string): string[] {
  const [, path, position] = /(?:\(|at |async |file:\/\/)(\/[^()]*?)(:\d+:\d+)\)?(?: \{)?$/.exec(frame) ?? [];
  if (path === undefined || path.includes("/node_modules/")) return [];
  const shown = relative(folder, path);
  return shown.startsWith("..") ? [] : [`${shown}${position}`];
}
