/** @owf/mdoc in a process of its own, with Node's cryptography behind it. */
import * as owf from "@owf/mdoc";
import crypto from "node:crypto";
import { serve } from "./lines.mjs";

const raw = { dsaEncoding: "ieee-p1363" };
const nothing = () => { throw new Error("not asked for"); };
const context = {
  crypto: {
    random: (size) => new Uint8Array(crypto.randomBytes(size)),
    digest: ({ digestAlgorithm, bytes }) =>
      new Uint8Array(crypto.createHash(digestAlgorithm.replace("-", "").toLowerCase()).update(bytes).digest()),
    calculateEphemeralMacKey: nothing,
  },
  cose: {
    sign1: {
      sign: ({ toBeSigned, key }) =>
        new Uint8Array(crypto.sign("sha256", toBeSigned, { key: crypto.createPrivateKey({ key: key.jwk, format: "jwk" }), ...raw })),
      verify: ({ key, sign1 }) =>
        crypto.verify("sha256", sign1.toBeSigned, { key: crypto.createPublicKey({ key: key.jwk, format: "jwk" }), ...raw }, sign1.signature),
    },
    mac0: { sign: nothing, verify: () => false },
  },
  x509: {
    getIssuerNameField: ({ certificate, field }) =>
      new crypto.X509Certificate(certificate).issuer.split("\n").filter((each) => each.startsWith(`${field}=`)).map((each) => each.slice(field.length + 1)),
    getPublicKey: ({ certificate }) =>
      owf.CoseKey.fromJwk(new crypto.X509Certificate(certificate).publicKey.export({ format: "jwk" })),
    verifyCertificateChain: ({ trustedCertificates, x5chain }) => {
      const leaf = new crypto.X509Certificate(x5chain[0]);
      const isAnchored = trustedCertificates.some((each) => leaf.verify(new crypto.X509Certificate(each).publicKey));
      if (!isAnchored) throw new Error("no anchor signed the leaf");
    },
    getCertificateData: ({ certificate }) => {
      const read = new crypto.X509Certificate(certificate);
      return {
        issuerName: read.issuer, subjectName: read.subject, serialNumber: read.serialNumber, thumbprint: read.fingerprint,
        notBefore: new Date(read.validFrom), notAfter: new Date(read.validTo), pem: read.toString(),
      };
    },
  },
};
const fromHex = (text) => new Uint8Array(Buffer.from(text, "hex"));
const toHex = (bytes) => Buffer.from(bytes).toString("hex");
const transcriptOf = ({ clientId, nonce, responseUri }) => owf.SessionTranscript.forOid4Vp({ clientId, nonce, responseUri }, context);

async function transcript({ session }) {
  return toHex((await transcriptOf(session)).encode());
}

async function verify({ response, session, root }) {
  const failed = [];
  await owf.Verifier.verifyDeviceResponse({
    deviceResponse: fromHex(response), sessionTranscript: await transcriptOf(session), trustedCertificates: [fromHex(root)],
    onCheck: ({ status, check, reason }) => { if (status !== "PASSED") failed.push(`${check}: ${reason}`); },
  }, context);
  if (failed.length) throw new Error(failed.join(" | "));
  return true;
}

const keyOf = (jwk) => owf.CoseKey.fromJwk({ ...jwk, alg: "ES256" });

async function issueSigned({ docType, namespace, claims, dates, leaf, agency, driver, since, until }) {
  const { d, ...device } = driver;
  const members = Object.fromEntries(Object.entries(dates).map(([name, day]) => [name, new owf.DateOnly(day)]));
  return new owf.Issuer(docType, context).addIssuerNamespace(namespace, { ...claims, ...members }).sign({
    signingKey: keyOf(agency), algorithm: owf.SignatureAlgorithm.ES256, digestAlgorithm: "SHA-256",
    validityInfo: { signed: new Date(since), validFrom: new Date(since), validUntil: new Date(until) },
    deviceKeyInfo: { deviceKey: owf.DeviceKey.fromJwk(device) }, certificates: [fromHex(leaf)],
  });
}

/** The issuer's part alone, and a whole response that shows `shown`. */
async function issue({ session, shown, ...words }) {
  const issued = await issueSigned(words);
  const elements = Object.fromEntries(shown.map((name) => [name, true]));
  const itemsRequest = owf.ItemsRequest.create({ docType: words.docType, namespaces: { [words.namespace]: elements } });
  const response = await owf.Holder.createDeviceResponseForDeviceRequest({
    deviceRequest: owf.DeviceRequest.create({ docRequests: [owf.DocRequest.create({ itemsRequest })] }),
    sessionTranscript: await transcriptOf(session), issuerSigned: [issued], signature: { signingKey: keyOf(words.driver) },
  }, context);
  return { issued: toHex(issued.encode()), response: toHex(response.encode()) };
}

await serve({ transcript, verify, issue });
