/** Data Integrity by @digitalbazaar/vc. It loads nothing but what a case brings. */
import "./serving.mjs";
import { DataIntegrityProof } from "@digitalbazaar/data-integrity";
import * as ecdsaJcs from "@digitalbazaar/ecdsa-jcs-2019-cryptosuite";
import { cryptosuite as ecdsaRdfc } from "@digitalbazaar/ecdsa-rdfc-2019-cryptosuite";
import * as ecdsaSd from "@digitalbazaar/ecdsa-sd-2023-cryptosuite";
import * as eddsaJcs from "@digitalbazaar/eddsa-jcs-2022-cryptosuite";
import { cryptosuite as eddsaRdfc } from "@digitalbazaar/eddsa-rdfc-2022-cryptosuite";
import * as vc from "@digitalbazaar/vc";
import { serve } from "./serving.mjs";

const SKEW = 60;
const CRYPTOSUITES = [
  eddsaRdfc,
  ecdsaRdfc,
  eddsaJcs.createVerifyCryptosuite(),
  ecdsaJcs.createVerifyCryptosuite(),
  ecdsaSd.createVerifyCryptosuite(),
];

/** The key of a DID: that of a did:jwk is inside it, another's is the issuer's at this place. */
function keyOf(did, issuers, place) {
  if (did.startsWith("did:jwk:")) {
    return JSON.parse(Buffer.from(did.slice("did:jwk:".length), "base64url").toString());
  }
  if (!Object.hasOwn(issuers, did)) throw new Error(`not at hand: ${did}`);
  return issuers[did][Math.min(place, issuers[did].length - 1)];
}

/** A key has no name in a case, so it has the one that the paper uses. */
function loaderFor({ contexts, issuers }, place) {
  const named = new Set();
  return async (url) => {
    if (Object.hasOwn(contexts, url)) return { contextUrl: null, documentUrl: url, document: contexts[url] };
    const [did, fragment] = url.split("#");
    const publicKeyJwk = keyOf(did, issuers, place);
    if (fragment !== undefined) {
      named.add(url);
      const method = { "@context": "https://w3id.org/security/jwk/v1", id: url, type: "JsonWebKey", controller: did, publicKeyJwk };
      return { contextUrl: null, documentUrl: url, document: method };
    }
    const controller = { "@context": "https://www.w3.org/ns/did/v1", id: did, assertionMethod: [...named] };
    if (did.startsWith("did:jwk:")) controller.authentication = [...named];
    return { contextUrl: null, documentUrl: url, document: controller };
  };
}

async function verify(item, document, place) {
  const words = {
    suite: CRYPTOSUITES.map((cryptosuite) => new DataIntegrityProof({ cryptosuite })),
    documentLoader: loaderFor(item, place),
    checkStatus: async () => ({ verified: true }),
    now: new Date(),
    maxClockSkew: SKEW,
  };
  const { nonce: challenge, audience: domain } = item;
  return item.bound
    ? vc.verify({ ...words, presentation: document, challenge, domain })
    : vc.verifyCredential({ ...words, credential: document });
}

/** What it returns is its way to refuse, of whatever kind the error inside may be. */
function refusalOf({ error, presentationResult, credentialResults = [] }) {
  const found = error ?? presentationResult?.error ?? credentialResults.find((each) => each.error)?.error;
  return new Error(found?.errors?.[0]?.message ?? found?.message ?? "not verified");
}

/** With one key of each issuer after the other: accepted by one is accepted. */
async function digitalbazaar(item) {
  const document = JSON.parse(item.presentation);
  const places = Math.max(...Object.values(item.issuers).map((keys) => keys.length));
  let found;
  for (let place = 0; place < places; place += 1) {
    found = await verify(item, document, place);
    if (found.verified) return;
  }
  throw refusalOf(found);
}

await serve({ "@digitalbazaar/vc": digitalbazaar });
