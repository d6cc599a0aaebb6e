import type { Mutant } from "./find-mutants";

/** Changes that nobody is to notice, and why. By what stood there: lines move. */
const REASONS: readonly (Pick<Mutant, "file" | "before" | "after"> & { readonly reason: string })[] = [];

/** Why nobody notices a change, where that is as it should be. */
export function reasonFor({ file, before, after }: Mutant): string | undefined {
  return REASONS.find((each) => each.file === file && each.before === before && each.after === after)?.reason;
}
