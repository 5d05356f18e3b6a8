// `npm start`: the issuer, in the sandbox's mode where LINCHPIN_MODE is not set. It is a script because the shells of
// Windows and POSIX set variables in different ways. What follows `npm start --` are options of `linchpin serve`.
process.env["LINCHPIN_MODE"] ||= "sandbox";
process.argv.splice(2, 0, "serve");
await import("../packages/cli/src/main.ts");
