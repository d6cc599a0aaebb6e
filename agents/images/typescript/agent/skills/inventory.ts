/** Knows what is in stock, where, and what runs low. */
import { NeedsInput, type Skill } from "../../fleet/skill.js";
import { articles, articlesIn, totalOf } from "./stock.js";

export const stockLevel: Skill = async function* ({ text, earlier }) {
  const asked = articlesIn([...earlier, text].join("\n"));
  if (asked.length === 0) {
    if (/\bSKU-\w+/i.test(text)) yield "There is no such article.";
    else throw new NeedsInput("Which article? Its number is like SKU-12345.");
  }
  for (const { sku, name, stock } of asked) {
    yield `${sku} (${name}):\n`;
    for (const [warehouse, pieces] of Object.entries(stock)) yield `  ${warehouse}: ${pieces}\n`;
  }
  if (asked.length > 0) yield { articles: asked.map(({ sku, stock }) => ({ sku, stock })) };
};

export const lowStock: Skill = async function* () {
  const low = articles.filter((article) => totalOf(article) < article.reorderPoint);
  for (const article of low) {
    const { sku, name, reorderPoint } = article;
    yield `${sku} (${name}): ${totalOf(article)} left, reorder point ${reorderPoint}\n`;
  }
  yield `${low.length} of ${articles.length} articles are below their reorder point.`;
};
