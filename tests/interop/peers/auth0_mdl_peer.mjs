/** @auth0/mdl in a process of its own: it issues, presents and verifies mdocs. */
import { createRequire } from "node:module";
import { serve } from "./lines.mjs";

const { DeviceResponse, Document, MDoc, Verifier } = createRequire(import.meta.url)("@auth0/mdl");
const asDataItem = (transcript) => {
  const bytes = Buffer.from(transcript, "hex");
  if (bytes.length > 255 || bytes.length < 24) throw new Error("another length of head is needed");
  return Buffer.concat([Buffer.from("d81858", "hex"), Buffer.from([bytes.length]), bytes]);
};

async function verify({ response, transcript, rootPem }) {
  const found = await new Verifier([rootPem]).verify(Buffer.from(response, "hex"), {
    encodedSessionTranscript: asDataItem(transcript),
  });
  return found.documents.map((each) => each.docType);
}

/** A whole response: its issuer's part under `agency`, its device's part under `driver`. */
async function issue({ docType, namespace, claims, leafPem, agency, driver, since, until, transcript }) {
  const { d, ...device } = driver;
  const document = await new Document(docType)
    .addIssuerNameSpace(namespace, claims)
    .useDigestAlgorithm("SHA-256")
    .addValidityInfo({ signed: new Date(since), validFrom: new Date(since), validUntil: new Date(until) })
    .addDeviceKeyInfo({ deviceKey: device })
    .sign({ issuerPrivateKey: { ...agency, kid: "agency" }, issuerCertificate: leafPem, alg: "ES256" });
  const fields = Object.keys(claims).map((name) => ({ path: [`$['${namespace}']['${name}']`], intent_to_retain: false }));
  const response = await DeviceResponse.from(new MDoc([document]))
    .usingPresentationDefinition({
      id: "licence",
      input_descriptors: [{
        id: docType, format: { mso_mdoc: { alg: ["ES256"] } }, constraints: { limit_disclosure: "required", fields },
      }],
    })
    .usingSessionTranscriptBytes(asDataItem(transcript))
    .authenticateWithSignature({ ...driver, kid: "driver" }, "ES256")
    .sign();
  return Buffer.from(response.encode()).toString("hex");
}

await serve({ verify, issue });
