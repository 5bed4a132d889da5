/** jose in a process of its own: a compact JWS, signed and checked. */
import * as jose from "jose";
import { serve } from "./lines.mjs";

async function sign({ header, payload, jwk }) {
  return new jose.SignJWT(payload).setProtectedHeader(header).sign(await jose.importJWK(jwk, header.alg));
}

async function verify({ text, jwk, alg, typ }) {
  const options = { algorithms: [alg], ...(typ ? { typ } : {}) };
  return (await jose.jwtVerify(text, await jose.importJWK(jwk, alg), options)).payload;
}

await serve({ sign, verify });
