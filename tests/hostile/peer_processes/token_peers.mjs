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

async function sdJwtVc(item) {
  const instance = new SDJwtVcInstance({
    verifier: await verifier(item.key),
    kbVerifier: async (data, signature, payload) =>
      (await verifier(payload.cnf.jwk))(data, signature),
    hasher: (data, alg) => {
      if (!NAMES[alg]) throw new Error("unknown hash");
      return new Uint8Array(createHash(NAMES[alg]).update(data).digest());
    },
    hashAlg: "sha-256",
    statusListFetcher: async (uri) => item.lists[uri],
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

async function jose(item) {
  const key = await importJWK(item.key, item.key.kty === "OKP" ? "EdDSA" : "ES256");
  await jwtVerify(item.presentation, key, {
    algorithms: ALGORITHMS,
    currentDate: new Date(item.now * 1000),
    clockTolerance: SKEW,
    ...(item.typ ? { typ: item.typ } : {}),
  });
}

await serve({ "@sd-jwt/sd-jwt-vc": sdJwtVc, jose });
