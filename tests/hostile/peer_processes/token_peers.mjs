/** SD-JWT and JWT by npm libraries of others. */
import "./serving.mjs";
import { createHash } from "node:crypto";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import { compactVerify, importJWK, jwtVerify } from "jose";
import { serve } from "./serving.mjs";

const ALGORITHMS = ["ES256", "ES384", "ES512", "EdDSA", "Ed25519"];
const NAMES = { "sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512" };
const SKEW = 60;

async function verifier(jwk) {
  const alg = jwk.kty === "OKP" ? "EdDSA" : "ES256";
  const key = await importJWK(jwk, alg);
  return async (data, signature) => {
    try {
      await compactVerify(`${data}.${signature}`, key, { algorithms: ALGORITHMS });
      return true;
    } catch {
      return false;
    }
  };
}

/** What jose says of a holder's key is no error of the library that is asked. */
async function isOfHolder(data, signature, payload) {
  const jwk = payload?.cnf?.jwk;
  if (!jwk) throw new Error("no key of a holder");
  const check = await verifier(jwk).catch(() => undefined);
  return check ? check(data, signature) : false;
}

async function sdJwtVc(item, jwk) {
  const instance = new SDJwtVcInstance({
    verifier: await verifier(jwk),
    kbVerifier: isOfHolder,
    hasher: (data, alg) => {
      if (!Object.hasOwn(NAMES, alg)) throw new Error("unknown hash");
      return new Uint8Array(createHash(NAMES[alg]).update(data).digest());
    },
    hashAlg: "sha-256",
    statusListFetcher: async (uri) => {
      if (!Object.hasOwn(item.lists, uri)) throw new Error("no such list");
      return item.lists[uri];
    },
    statusVerifier: async (data, signature) => {
      for (const key of item.keys) {
        if (await (await verifier(key))(data, signature)) return true;
      }
      return false;
    },
  });
  await instance.verify(item.presentation, {
    currentDate: item.now,
    skewSeconds: SKEW,
    ...(item.bound ? { keyBindingNonce: item.nonce } : {}),
  });
}

async function jose(item, jwk) {
  const key = await importJWK(jwk, jwk.kty === "OKP" ? "EdDSA" : "ES256");
  await jwtVerify(item.presentation, key, {
    algorithms: ALGORITHMS,
    currentDate: new Date(item.now * 1000),
    clockTolerance: SKEW,
    ...(item.typ ? { typ: item.typ } : {}),
  });
}

/** With one key of the issuer after the other: accepted by one is accepted. */
function withEach(check) {
  return async (item) => {
    const results = await Promise.allSettled(item.keys.map((jwk) => check(item, jwk)));
    if (results.every(({ status }) => status === "rejected")) throw results[0].reason;
  };
}

await serve({ "@sd-jwt/sd-jwt-vc": withEach(sdJwtVc), jose: withEach(jose) });
