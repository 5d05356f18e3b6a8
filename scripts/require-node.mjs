// Runs on whatever Node is there, so that an old one is refused in words. Linux and Windows get theirs by `npm ci`.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Linchpin needs Node 22.18 or later; this is ${process.versions.node}. On Linux and Windows \`npm ci\` brings it; elsewhere install it from https://nodejs.org.`,
  );
  process.exit(1);
}
