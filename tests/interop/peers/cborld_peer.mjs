/** @digitalbazaar/cborld in a process of its own: CBOR-LD 1.0 written and read, bytes in hex. */
import { decode, encode } from "@digitalbazaar/cborld";
import { serve } from "./lines.mjs";

function options({ contexts, tables }) {
  const table = new Map(Object.entries(tables).map(([type, values]) => [type, new Map(Object.entries(values))]));
  return {
    typeTableLoader: async () => table,
    documentLoader: async (url) => {
      if (!contexts[url]) throw new Error(`no such context: ${url}`);
      return { document: contexts[url] };
    },
  };
}

async function write({ document, entry, ...words }) {
  const bytes = await encode({
    jsonldDocument: document,
    registryEntryId: entry,
    format: "cbor-ld-1.0",
    ...options(words),
  });
  return Buffer.from(bytes).toString("hex");
}

function read({ hex, ...words }) {
  return decode({ cborldBytes: new Uint8Array(Buffer.from(hex, "hex")), ...options(words) });
}

await serve({ write, read });
