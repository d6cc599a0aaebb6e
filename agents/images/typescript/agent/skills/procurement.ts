/** Orders what is needed from the supplier who has it. */
import { createHash } from "node:crypto";
import type { Tools } from "../../fleet/app.js";
import { NeedsInput, type Skill } from "../../fleet/skill.js";
import { articlesIn } from "./stock.js";

export const createPurchaseOrder = ({ model }: Tools): Skill =>
  async function* ({ text, earlier, taskId, signal }) {
    const asked = articlesIn([...earlier, text].join("\n"));
    if (asked.length === 0) throw new NeedsInput("Which article, and how many? Such as: 300 of SKU-12345.");
    const pieces = Number(/(?<![\w-])(\d{1,6})(?![\w-])/.exec(text)?.[1] ?? 0);
    for (const article of asked) {
      const lots = Math.max(1, Math.ceil(pieces / article.lot));
      // From the task, so that a resumed task orders nothing twice: the supplier knows the number already.
      const number = createHash("sha256")
        .update(`${taskId} ${article.sku}`)
        .digest("hex")
        .slice(0, 8)
        .toUpperCase();
      const order = {
        number: `PO-${number}`,
        sku: article.sku,
        pieces: lots * article.lot,
        supplier: article.supplier,
      };
      yield `Order ${order.number}: ${order.pieces} of ${article.sku} (${article.name}) from ${order.supplier}.\n`;
      yield { order };
      if (model === undefined) continue;
      const ordered = `${order.pieces} of ${article.sku} (${article.name}), from ${article.supplier}`;
      yield* model.write(
        "Write the supplier a covering note of two sentences on this order.",
        ordered,
        signal,
      );
      yield "\n";
    }
  };
