/** @sd-jwt/sd-jwt-vc in a process of its own: issue, present, verify; its Token Status Lists. */
import { ES256, digest, generateSalt } from "@sd-jwt/crypto-nodejs";
import { StatusList, getListFromStatusListJWT } from "@sd-jwt/jwt-status-list";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import crypto from "node:crypto";
import { serve } from "./lines.mjs";

/** The package signs with ECDSA only; EdDSA comes from Node, through the same door. */
const EdDSA = {
  getSigner: async (jwk) => {
    const key = crypto.createPrivateKey({ key: jwk, format: "jwk" });
    return (data) => crypto.sign(null, Buffer.from(data), key).toString("base64url");
  },
  getVerifier: async (jwk) => {
    const key = crypto.createPublicKey({ key: jwk, format: "jwk" });
    return (data, signature) => crypto.verify(null, Buffer.from(data), key, Buffer.from(signature, "base64url"));
  },
};
const suites = { ES256, EdDSA };

async function issue({ claims, frame, jwk, alg }) {
  const instance = new SDJwtVcInstance({
    signer: await suites[alg].getSigner(jwk), signAlg: alg, hasher: digest, hashAlg: "sha-256", saltGenerator: generateSalt,
  });
  return instance.issue(claims, frame);
}

async function present({ text, frame, jwk, alg, audience, nonce, iat }) {
  const instance = new SDJwtVcInstance({
    kbSigner: await suites[alg].getSigner(jwk), kbSignAlg: alg, hasher: digest, hashAlg: "sha-256",
  });
  return instance.present(text, frame, { kb: { payload: { aud: audience, nonce, iat } } });
}

async function verify({ text, jwk, alg, nonce }) {
  const instance = new SDJwtVcInstance({
    verifier: await suites[alg].getVerifier(jwk),
    kbVerifier: async (data, signature, payload) => {
      const holder = payload.cnf.jwk;
      const kind = holder.kty === "OKP" ? "EdDSA" : "ES256";
      return (await suites[kind].getVerifier(holder))(data, signature);
    },
    statusListFetcher: async () => { throw new Error("no list in this test"); },
    hasher: digest, hashAlg: "sha-256",
  });
  return (await instance.verify(text, nonce ? { keyBindingNonce: nonce } : {})).payload;
}

function readTokenList({ token, index }) {
  return getListFromStatusListJWT(token).getStatus(index);
}

function packTokenList({ statuses, bits }) {
  return new StatusList(statuses, bits).compressStatusList();
}

await serve({ issue, present, verify, readTokenList, packTokenList });
