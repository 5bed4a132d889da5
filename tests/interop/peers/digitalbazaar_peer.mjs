/**
 * @digitalbazaar/vc with its cryptosuites in a process of its own. It loads no context from
 * anywhere: those that a request brings, and DIDs of method key, are all there is.
 */
import * as bbs2023 from "@digitalbazaar/bbs-2023-cryptosuite";
import * as Bls from "@digitalbazaar/bls12-381-multikey";
import { DataIntegrityProof } from "@digitalbazaar/data-integrity";
import * as ecdsaJcs from "@digitalbazaar/ecdsa-jcs-2019-cryptosuite";
import * as EcdsaMultikey from "@digitalbazaar/ecdsa-multikey";
import { cryptosuite as ecdsaRdfc } from "@digitalbazaar/ecdsa-rdfc-2019-cryptosuite";
import * as ecdsaSd from "@digitalbazaar/ecdsa-sd-2023-cryptosuite";
import * as Ed25519Multikey from "@digitalbazaar/ed25519-multikey";
import * as eddsaJcs from "@digitalbazaar/eddsa-jcs-2022-cryptosuite";
import { cryptosuite as eddsaRdfc } from "@digitalbazaar/eddsa-rdfc-2022-cryptosuite";
import * as vc from "@digitalbazaar/vc";
import jsigs from "jsonld-signatures";
import { serve } from "./lines.mjs";

const MULTIKEY = "https://w3id.org/security/multikey/v1";
const bytes = (hex) => new Uint8Array(Buffer.from(hex ?? "", "hex"));

const suites = {
  "eddsa-rdfc-2022": { sign: () => eddsaRdfc, verify: () => eddsaRdfc, keys: Ed25519Multikey },
  "ecdsa-rdfc-2019": { sign: () => ecdsaRdfc, verify: () => ecdsaRdfc, keys: EcdsaMultikey },
  "eddsa-jcs-2022": { sign: eddsaJcs.createSignCryptosuite, verify: eddsaJcs.createVerifyCryptosuite, keys: Ed25519Multikey },
  "ecdsa-jcs-2019": { sign: ecdsaJcs.createSignCryptosuite, verify: ecdsaJcs.createVerifyCryptosuite, keys: EcdsaMultikey },
  "ecdsa-sd-2023": {
    sign: ({ mandatory }) => ecdsaSd.createSignCryptosuite({ mandatoryPointers: mandatory }),
    disclose: ({ selective }) => ecdsaSd.createDiscloseCryptosuite({ selectivePointers: selective }),
    verify: () => ecdsaSd.createVerifyCryptosuite(),
    keys: EcdsaMultikey,
  },
  "bbs-2023": {
    sign: ({ mandatory }) => bbs2023.createSignCryptosuite({ mandatoryPointers: mandatory }),
    disclose: ({ selective, header }) => bbs2023.createDiscloseCryptosuite({
      selectivePointers: selective, presentationHeader: bytes(header),
    }),
    verify: ({ header }) => bbs2023.createVerifyCryptosuite({ expectedPresentationHeader: bytes(header) }),
    keys: Bls,
  },
};

function methodOf(did, multibase) {
  return { "@context": MULTIKEY, type: "Multikey", id: `${did}#${multibase}`, controller: did, publicKeyMultibase: multibase };
}

/** What may be loaded: nothing that is not in `documents`, and the keys inside did:key. */
function loaderFor(documents) {
  return async (url) => {
    if (Object.hasOwn(documents, url)) return { contextUrl: null, documentUrl: url, document: documents[url] };
    if (!url.startsWith("did:key:")) throw new Error(`not at hand: ${url}`);
    const [did, fragment] = url.split("#");
    const method = methodOf(did, did.slice("did:key:".length));
    const controller = {
      "@context": ["https://www.w3.org/ns/did/v1", MULTIKEY],
      id: did, assertionMethod: [method.id], authentication: [method.id], verificationMethod: [method],
    };
    return { contextUrl: null, documentUrl: url, document: fragment ? method : controller };
  };
}

async function newKey({ suite, curve }) {
  const pair = suite === "bbs-2023"
    ? await Bls.generateBbsKeyPair({ algorithm: Bls.ALGORITHMS.BBS_BLS12381_SHA256 })
    : await suites[suite].keys.generate(curve ? { curve } : {});
  const { publicKeyMultibase, secretKeyMultibase } = await pair.export({ publicKey: true, secretKey: true });
  return { publicKeyMultibase, secretKeyMultibase };
}

async function issue({ suite, document, key, date, documents, ...words }) {
  const did = `did:key:${key.publicKeyMultibase}`;
  const pair = await suites[suite].keys.from({ ...methodOf(did, key.publicKeyMultibase), secretKeyMultibase: key.secretKeyMultibase });
  if (suite === "bbs-2023") pair.algorithm ??= Bls.ALGORITHMS.BBS_BLS12381_SHA256;
  const proof = new DataIntegrityProof({ signer: pair.signer(), date, cryptosuite: suites[suite].sign(words) });
  return jsigs.sign(document, {
    suite: proof, purpose: new jsigs.purposes.AssertionProofPurpose(), documentLoader: loaderFor(documents),
  });
}

async function derive({ suite, document, documents, ...words }) {
  const proof = new DataIntegrityProof({ cryptosuite: suites[suite].disclose(words) });
  return vc.derive({ verifiableCredential: document, suite: proof, documentLoader: loaderFor(documents) });
}

async function verify({ suite, document, documents, now, ...words }) {
  const proof = new DataIntegrityProof({ cryptosuite: suites[suite].verify(words) });
  const checkStatus = async () => ({ verified: true });
  const found = await vc.verifyCredential({
    credential: document, suite: proof, documentLoader: loaderFor(documents), now, checkStatus,
  });
  if (!found.verified) throw found.error ?? new Error("not verified");
  return true;
}

async function verifyPresentation({ suite, document, documents, challenge, domain }) {
  const proof = new DataIntegrityProof({ cryptosuite: suites[suite].verify({}) });
  const checkStatus = async () => ({ verified: true });
  const found = await vc.verify({
    presentation: document, suite: proof, documentLoader: loaderFor(documents), challenge, domain, checkStatus,
  });
  if (!found.verified) throw found.error ?? new Error("not verified");
  return true;
}

await serve({ newKey, issue, derive, verify, verifyPresentation });
