// Serves an agent whose own image cannot run on this machine, with the TypeScript image's server: every skill of its
// card answers with who is missing, and with what it was asked. Copied beside the compiled code of that image.
import { serve } from "../fleet/server.js";

const ids = JSON.parse(process.env.AGENT_SKILLS ?? "[]").map(({ id }) => id);

const standIn = async function* ({ skill, text }) {
  yield `I stand in for '${process.env.AGENT_NAME}', whose own image does not run here.\n`;
  yield `Its skill '${skill}' was asked: ${text}`;
};

await serve(async () => () => Object.fromEntries(ids.map((id) => [id, standIn])), ids, 0);
