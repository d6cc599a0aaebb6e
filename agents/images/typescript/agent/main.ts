/** The container's entry point. */
import { serve } from "../fleet/server.js";
import { SKILL_IDS } from "./skill-ids.js";

// For those who want to watch an answer come: a pause after each of its parts.
const paceMs = Number(process.env.ANSWER_PACE_MS ?? "0");

await serve(async () => (await import("./skills/index.js")).makeSkills, SKILL_IDS, paceMs);
