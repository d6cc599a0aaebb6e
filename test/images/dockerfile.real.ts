import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildImage, LANGUAGES } from "./support/image";

describe.each(LANGUAGES)("the %s image's Dockerfile", (language) => {
  it("builds in a clean folder, step by step as it stands", () => {
    const image = buildImage(language);
    expect(image.folder).toMatch(/\/app$/);
    expect(existsSync(image.folder)).toBe(true);
    expect(image.bases).toHaveLength(2);
    // Nothing of the build's tools, and nothing that the command doesn't need.
    expect(existsSync(join(image.folder, language === "python" ? "requirements.txt.in" : "fleet"))).toBe(
      false,
    );
  });

  it("runs as a user without a name, tells how it is, and what it is made of", () => {
    const { user, labels, healthcheck, bases, folder } = buildImage(language);
    expect(user).toBe("10001:10001");
    expect(healthcheck.join(" ")).toContain("/health");
    for (const base of bases) expect(base).toMatch(/:\d+\.\d+\.\d+-/);
    expect(labels).toMatchObject({
      "org.opencontainers.image.licenses": "Apache-2.0",
      "org.opencontainers.image.version": "1.1.0",
      "a2a-fleet.contract": "1.1",
    });
    const list = readFileSync(
      join(folder, "..", String(labels["a2a-fleet.sbom"]).replace("/app", "app")),
      "utf8",
    );
    expect(list).toContain(language === "python" ? '"a2a-sdk"' : "pkg:npm/%40a2a-js/sdk@1.3.0");
  });
});
