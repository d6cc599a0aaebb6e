import { buildImage, LANGUAGES } from "./image";

/** Before all tests: both images, so that no two files build the same one at once. */
export default function setUp(): void {
  for (const language of LANGUAGES) buildImage(language);
}
