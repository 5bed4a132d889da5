/** mdocs by @auth0/mdl. */
import "./serving.mjs";
import { createRequire } from "node:module";
import { serve } from "./serving.mjs";

const { Verifier } = createRequire(import.meta.url)("@auth0/mdl");

/** The transcript as it wants it: a byte string of 24 to 255 bytes in tag 24. */
function asDataItem(transcript) {
  const bytes = Buffer.from(transcript, "hex");
  if (bytes.length > 255 || bytes.length < 24) throw new Error("another length of head is needed");
  return Buffer.concat([Buffer.from("d81858", "hex"), Buffer.from([bytes.length]), bytes]);
}

async function auth0Mdl({ presentation, transcript, anchors }) {
  await new Verifier(anchors).verify(Buffer.from(presentation, "base64url"), {
    encodedSessionTranscript: asDataItem(transcript),
  });
}

await serve({ "@auth0/mdl": auth0Mdl });
