/**
 * @digitalbazaar/vc with its cryptosuites on our papers. Each line names an operation and brings
 * its papers; the answer is its operations per CPU-second. Contexts are those that the line brings.
 */
import { createInterface } from "node:readline";
import { DataIntegrityProof } from "@digitalbazaar/data-integrity";
import * as jcs from "@digitalbazaar/eddsa-jcs-2022-cryptosuite";
import { cryptosuite as rdfc } from "@digitalbazaar/eddsa-rdfc-2022-cryptosuite";
import * as vc from "@digitalbazaar/vc";

const MICROSECONDS = 400_000;
const suites = { verify_jcs: jcs.createVerifyCryptosuite(), verify_rdfc: rdfc };

function prepare({ operation, text, contexts, now }) {
  const documentLoader = async (url) => {
    if (Object.hasOwn(contexts, url)) return { contextUrl: null, documentUrl: url, document: contexts[url] };
    throw new Error(`not at hand: ${url}`);
  };
  const suite = new DataIntegrityProof({ cryptosuite: suites[operation] });
  return async () => {
    const found = await vc.verifyCredential({ credential: JSON.parse(text), suite, documentLoader, now });
    if (!found.verified) throw found.error;
  };
}

async function rate(once) {
  for (let i = 0; i < 50; i += 1) await once();
  const before = process.cpuUsage();
  for (let count = 1; ; count += 1) {
    await once();
    const { user, system } = process.cpuUsage(before);
    if (user + system >= MICROSECONDS) return (count * 1e6) / (user + system);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { rate: await rate(prepare(JSON.parse(line))) };
  } catch (error) {
    const causes = [error, ...(error.errors ?? []), error.cause].filter(Boolean);
    answer = { error: causes.map((each) => `${each.name}: ${each.message}`).join("; ").slice(0, 300) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
