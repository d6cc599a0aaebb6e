import type { Mutant } from "./find-mutants";

/** A change that nobody is to notice, by what stood there: lines move. */
export interface Survivor extends Pick<Mutant, "file" | "before" | "after"> {
  readonly reason: string;
}

export const SURVIVORS: readonly Survivor[] = [];

/** Why nobody notices a change, where that is as it should be. */
export function reasonFor({ file, before, after }: Mutant): string | undefined {
  return SURVIVORS.find((each) => each.file === file && each.before === before && each.after === after)
    ?.reason;
}
