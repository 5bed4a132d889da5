/** A peer's end of the conversation: one JSON request a line in, one JSON answer a line out. */
import { createInterface } from "node:readline";

/** Answers until the input ends. Whatever a foreign library throws is its refusal. */
export async function serve(operations) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { op, ...words } = JSON.parse(line);
    const operation = operations[op];
    let answer;
    try {
      answer = { ok: (await operation(words)) ?? null };
    } catch (error) {
      const causes = [error, ...(error.errors ?? []), error.cause].filter(Boolean);
      answer = { refused: causes.map((each) => `${each.name}: ${each.message}`).join("; ").slice(0, 300) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}
