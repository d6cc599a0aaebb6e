/** Scripts that Redis runs as one step. */
import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";

export type Script = (keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>;

/** A script of this folder, by its name. */
export function script(redis: Redis, name: string): Script {
  const lua = readFileSync(new URL(`./redis-scripts/${name}.lua`, import.meta.url), "utf8");
  const command = name.replace(/-./g, (letters) => letters.slice(1).toUpperCase());
  redis.defineCommand(command, { lua });
  const run = (redis as unknown as Record<string, (...words: (string | number)[]) => Promise<unknown>>)[
    command
  ];
  return (keys, args) =>
    run?.call(redis, keys.length, ...keys, ...args) ?? Promise.reject(new Error(command));
}
