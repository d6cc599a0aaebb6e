/**
 * Lays a Mermaid flowchart out as SVG, without a browser. It loads nothing from anywhere: its font is the reader's own.
 * From top to bottom, whatever the text says: beside each other, stations and groups are wider than a page.
 */
export async function drawSvg(mermaid: string): Promise<string> {
  const { renderMermaidSVG } = await import("beautiful-mermaid");
  const svg = renderMermaidSVG(mermaid.replace(/^flowchart LR$/m, "flowchart TD"), { font: "sans-serif" });
  return `${titlesOnTop(svg.replaceAll(/@import url\([^)]*\);?/g, "")).trim()}\n`;
}

/** Groups are drawn first, and arrows into them cross their titles: these are drawn again at the end, with room around. */
function titlesOnTop(svg: string): string {
  const titles: string[] = [];
  const without = svg.replaceAll(/<g class="subgraph"[^>]*>[\s\S]*?<\/g>/g, (group) =>
    group.replaceAll(/ *<text [\s\S]*?<\/text>\n?/g, (title) => {
      const halo = 'paint-order="stroke" stroke="var(--_group-hdr)" stroke-width="6" stroke-linejoin="round"';
      titles.push(title.replace("<text ", `<text ${halo} `));
      return "";
    }),
  );
  return without.replace(/<\/svg>\s*$/, `${titles.join("")}</svg>`);
}
