/**
 * A wallet that is not ours: @openid4vc/openid4vci and @openid4vc/openid4vp make every message.
 *
 * Reads one JSON command a line from standard input and answers with one JSON line. Keys live here.
 */

import { X509Certificate, createHash, randomBytes } from "node:crypto";
import { createInterface } from "node:readline";

import { clientAuthenticationAnonymous, setGlobalConfig } from "@openid4vc/oauth2";
import { Openid4vciClient } from "@openid4vc/openid4vci";
import { Openid4vpClient } from "@openid4vc/openid4vp";
import * as jose from "jose";

setGlobalConfig({ allowInsecureUrls: true });

const { publicKey, privateKey } = await jose.generateKeyPair("ES256", { extractable: true });
const publicJwk = await jose.exportJWK(publicKey);
const held = new Map();

const callbacks = {
  fetch,
  hash: (data, algorithm) => createHash(algorithm.replace("-", "")).update(data).digest(),
  generateRandom: (size) => randomBytes(size),
  clientAuthentication: clientAuthenticationAnonymous(),
  encryptJwe: () => { throw new Error("not asked for"); },
  decryptJwe: () => { throw new Error("not asked for"); },
  signJwt: async (signer, { header, payload }) => ({
    jwt: await new jose.SignJWT(payload).setProtectedHeader(header).sign(privateKey),
    signerJwk: publicJwk,
  }),
  verifyJwt: async (signer, { compact }) => {
    const key = signer.method === "x5c"
      ? new X509Certificate(Buffer.from(signer.x5c[0], "base64")).publicKey
      : await jose.importJWK(signer.publicJwk, signer.alg);
    await jose.compactVerify(compact, key);
    return { verified: true, signerJwk: await jose.exportJWK(key) };
  },
  getX509CertificateMetadata: (certificate) => {
    const names = new X509Certificate(Buffer.from(certificate, "base64")).subjectAltName ?? "";
    const of = (kind) => names.split(", ").filter((name) => name.startsWith(`${kind}:`)).map((name) => name.slice(kind.length + 1));
    return { sanDnsNames: of("DNS"), sanUriNames: of("URI") };
  },
};

async function receive({ offer, txCode, binding }) {
  const client = new Openid4vciClient({ callbacks });
  const credentialOffer = await client.resolveCredentialOffer(offer);
  const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer);
  const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
    credentialOffer, issuerMetadata, txCode,
  });
  const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata });
  const [credentialConfigurationId] = credentialOffer.credential_configuration_ids;
  const signer = binding === "did:jwk"
    ? { method: "did", didUrl: `did:jwk:${Buffer.from(JSON.stringify(publicJwk)).toString("base64url")}#0`, alg: "ES256" }
    : { method: "jwk", publicJwk, alg: "ES256" };
  const { jwt } = await client.createCredentialRequestJwtProof({
    issuerMetadata, credentialConfigurationId, nonce, signer,
  });
  const { credentialResponse } = await client.retrieveCredentials({
    issuerMetadata, credentialConfigurationId, accessToken: accessTokenResponse.access_token,
    proofs: { jwt: [jwt] },
  });
  const { notification_id: notificationId } = credentialResponse;
  if (notificationId) {
    await client.sendNotification({
      issuerMetadata, accessToken: accessTokenResponse.access_token,
      notification: { notificationId, event: "credential_accepted" },
    });
  }
  const { credential } = credentialResponse.credentials[0];
  held.set(credentialConfigurationId.split(".")[0], credential);
  return { draft: issuerMetadata.originalDraftVersion, configuration: credentialConfigurationId, credential };
}

async function present({ request, choices, changes = {} }) {
  const client = new Openid4vpClient({ callbacks });
  const parsed = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: request });
  const resolved = await client.resolveOpenId4vpAuthorizationRequest({ authorizationRequestPayload: parsed.params });
  const payload = resolved.authorizationRequestPayload;
  const vpToken = {};
  for (const [queryId, type] of Object.entries(choices)) {
    vpToken[queryId] = [await bind(held.get(type), payload, changes)];
  }
  const created = await client.createOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: payload,
    authorizationResponsePayload: { vp_token: vpToken },
  });
  const { response } = await client.submitOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: payload,
    authorizationResponsePayload: created.authorizationResponsePayload,
  });
  return { status: response.status, clientId: payload.client_id, query: payload.dcql_query };
}

/** All disclosures and a key binding, made with jose alone. */
async function bind(credential, payload, changes) {
  const sdHash = createHash("sha256").update(credential).digest("base64url");
  const binding = await new jose.SignJWT({
    nonce: payload.nonce, aud: payload.client_id, sd_hash: sdHash, ...changes,
  }).setProtectedHeader({ alg: "ES256", typ: "kb+jwt" }).setIssuedAt().sign(privateKey);
  return credential + binding;
}

const commands = { receive, present };
for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...words } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ ok: await commands[command](words) }));
  } catch (error) {
    console.log(JSON.stringify({ error: `${error.name}: ${error.message}`, stack: error.stack }));
  }
}
