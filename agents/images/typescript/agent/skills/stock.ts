/** The warehouses' articles. */
import { readFileSync } from "node:fs";

export interface Article {
  readonly sku: string;
  readonly name: string;
  readonly reorderPoint: number;
  /** Pieces to order at once. */
  readonly lot: number;
  readonly supplier: string;
  /** Warehouse to pieces. */
  readonly stock: Readonly<Record<string, number>>;
}

export const articles = JSON.parse(
  readFileSync(new URL("../data/stock.json", import.meta.url), "utf8"),
) as readonly Article[];

export function totalOf(article: Article): number {
  return Object.values(article.stock).reduce((sum, pieces) => sum + pieces, 0);
}

/** The articles that a text names, by number or by name. */
export function articlesIn(text: string): Article[] {
  const lower = text.toLowerCase();
  return articles.filter(
    ({ sku, name }) => lower.includes(sku.toLowerCase()) || lower.includes(name.toLowerCase()),
  );
}
