/**
 * A peer's end of the conversation, for Node: one JSON line in, one JSON line out.
 *
 * The first line is what all cases share, then each line is a case. The answer is `{accepts}`, with
 * `{said}` when it refuses, and with `{crash}` too when what it threw is an error of the language.
 * The clock of the process is that of the case. Knows nothing of us.
 */
import { createInterface } from "node:readline";

const OF_THE_LANGUAGE = [TypeError, RangeError, ReferenceError];
const SystemDate = Date;
let moment = 0;

globalThis.Date = new Proxy(SystemDate, {
  construct: (target, words, made) => Reflect.construct(target, words.length ? words : [moment], made),
  get: (target, name) => (name === "now" ? () => moment : Reflect.get(target, name)),
});

function refusal(error) {
  const answer = { accepts: false, said: String(error).slice(0, 200) };
  if (OF_THE_LANGUAGE.includes(error?.constructor)) answer.crash = error.constructor.name;
  return answer;
}

/** Answers until the input ends: `peers` are checks by name, each of which throws to refuse. */
export async function serve(peers) {
  let shared;
  for await (const line of createInterface({ input: process.stdin })) {
    if (!shared) {
      shared = JSON.parse(line);
      continue;
    }
    const item = { ...shared, ...JSON.parse(line) };
    moment = item.now * 1000;
    const answer = await peers[item.peer](item).then(() => ({ accepts: true }), refusal);
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}
