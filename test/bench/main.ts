/** `npm run bench`, and `npm run bench -- edges`. */
const [, , what] = process.argv;
if (what === "edges") {
  process.argv.splice(2, 1);
  require("./bench-edges");
} else {
  require("./bench");
}
