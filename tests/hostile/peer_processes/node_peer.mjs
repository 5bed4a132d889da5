// npm libraries on hostile cases: one JSON line in, one answer out. Knows nothing of us.

import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import { compactVerify, importJWK, jwtVerify } from "jose";

const CRASHES = [TypeError, RangeError, ReferenceError];
const ALGORITHMS = ["ES256", "ES384", "ES512", "EdDSA", "Ed25519"];
const NAMES = { "sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512" };

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
    skewSeconds: 60,
    ...(item.bound ? { keyBindingNonce: item.nonce } : {}),
  });
}

async function jose(item) {
  const key = await importJWK(item.key, item.key.kty === "OKP" ? "EdDSA" : "ES256");
  await jwtVerify(item.presentation, key, {
    algorithms: ALGORITHMS,
    currentDate: new Date(item.now * 1000),
    clockTolerance: 60,
    ...(item.typ ? { typ: item.typ } : {}),
  });
}

const PEERS = {
  "@sd-jwt/sd-jwt-vc dc+sd-jwt": sdJwtVc,
  "jose (npm) vc+jwt": jose,
  "jose (npm) jwt_vc_json": jose,
};

for await (const line of createInterface({ input: process.stdin })) {
  const item = JSON.parse(line);
  let answer = { accepts: true };
  try {
    await PEERS[item.peer](item);
  } catch (error) {
    answer = { accepts: false };
    if (CRASHES.includes(error?.constructor)) answer.crash = error.constructor.name;
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
