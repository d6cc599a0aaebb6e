/** The picture of the default fleet, in a real browser (Debian: chromium): whether people can read it. */
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { drawFleet } from "../../src/review/draw-fleet";
import { drawSvg } from "../../src/review/draw-svg";
import { chromiumOnPath } from "../support/chromium";
import { agents } from "../support/fleet/agents";
import { production } from "../support/fleet/stacks/environments/production";

/** Width of a page, in CSS pixels: a screen of 1,920 with something beside it. */
const PAGE_WIDTH = 1600;
/** Below it, letters of a screen run together. */
const LEAST_FONT = 11;

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: chromiumOnPath(), args: ["--no-sandbox"] });
});
afterAll(async () => void (await browser?.close()));

interface Label {
  readonly text: string;
  readonly fontSize: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What somebody sees of a picture on a page: its labels, as large as they are there, and how wide it is. */
async function look(svg: string): Promise<{ readonly width: number; readonly labels: readonly Label[] }> {
  const page = await browser.newPage({ viewport: { width: PAGE_WIDTH, height: 1000 } });
  const asked: string[] = [];
  page.on("request", (request) => void asked.push(request.url()));
  // As pages show a picture: at its own size, and smaller where it doesn't fit.
  await page.setContent(`<body style="margin:0">${svg}<style>svg { max-width: 100%; height: auto }</style>`);
  // As text, so that no step of the compiler gets into the page.
  const seen = await page.evaluate(`(() => {
    const svg = document.querySelector("svg");
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const labels = [...svg.querySelectorAll("text")].filter((text) => text.textContent.trim()).map((text) => {
      const { left, right, top, bottom } = text.getBoundingClientRect();
      return { text: text.textContent, fontSize: parseFloat(getComputedStyle(text).fontSize) * scale, left, right, top, bottom };
    });
    return { width: svg.viewBox.baseVal.width, labels };
  })()`);
  expect(asked).toEqual([]);
  await page.close();
  return seen as Awaited<ReturnType<typeof look>>;
}

/** Labels that lie on one another. */
function overlaps(labels: readonly Label[]): string[] {
  return labels.flatMap((one, index) =>
    labels
      .slice(index + 1)
      .filter(
        (other) =>
          one.left < other.right - 1 &&
          other.left < one.right - 1 &&
          one.top < other.bottom - 1 &&
          other.top < one.bottom - 1,
      )
      .map((other) => `${one.text} | ${other.text}`),
  );
}

const picture = () => {
  const { workloads, problems } = resolveFleet(agents, production);
  expect(problems).toEqual([]);
  return { workloads, mermaid: drawFleet(workloads, production) };
};

test("production's picture can be read on a page, as it is", async () => {
  const { workloads, mermaid } = picture();
  const { width, labels } = await look(await drawSvg(mermaid));
  expect(width).toBeLessThanOrEqual(PAGE_WIDTH);
  expect(labels.filter(({ fontSize }) => fontSize < LEAST_FONT)).toEqual([]);
  expect(overlaps(labels)).toEqual([]);
  expect(labels.filter(({ left, right }) => left < 0 || right > PAGE_WIDTH)).toEqual([]);
  const seen = labels.map(({ text }) => text).join("\n");
  for (const { name } of workloads) expect(seen).toContain(name);
});

test("one that is too wide, or has labels on one another, is seen to be so", async () => {
  const { mermaid } = picture();
  const svg = await drawSvg(mermaid);
  const wide = await look(
    svg.replace(/viewBox="0 0 [\d.]+/, 'viewBox="0 0 2600').replace(/width="[\d.]+"/, 'width="2600"'),
  );
  expect(wide.width).toBeGreaterThan(PAGE_WIDTH);
  expect(wide.labels.some(({ fontSize }) => fontSize < LEAST_FONT)).toBe(true);
  const crowded = await look(svg.replaceAll(/(<(?:text|tspan) [^>]*?)x="[\d.]+"/g, '$1x="200"'));
  expect(overlaps(crowded.labels)).not.toEqual([]);
});
