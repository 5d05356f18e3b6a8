// Plants what it is told to, backwards so that only it does, in every form; then lives until it is killed.
import { needlesOf } from "./secret-forms.ts";

const texts = process.argv.slice(2).map((reversed) => [...reversed].reverse().join(""));
const held = [texts, texts.flatMap((text) => needlesOf("planted", text).map(({ bytes }) => Buffer.from(bytes)))];
setInterval(() => held.length, 1000);
console.log("planted");
