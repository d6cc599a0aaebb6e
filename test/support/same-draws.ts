import * as fc from "fast-check";

/** The suite draws the same fleets every time, so that it judges a change and not the day; `SEED=7 npm test` draws others. */
fc.configureGlobal({ seed: Number(process.env.SEED ?? 1) });
