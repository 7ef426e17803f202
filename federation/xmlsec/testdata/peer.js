// What npm packages say about tokens: node peer.js COMMAND PARAMETERS, a JSON object.
// The answer goes to standard output; a refusal is exit status 1.
const fs = require('fs');

const [command, text] = process.argv.slice(2);
const p = JSON.parse(text);
const read = (name) => fs.readFileSync(name);

function answer(err, result) {
  if (err) {
    console.error(err);
    process.exit(1);
  }
  process.stdout.write(String(result));
}

// The assertion of the package saml, signed and perhaps encrypted.
function create() {
  const options = {
    key: read(p.issuerKey), cert: read(p.issuerCertificate), issuer: 'urn:federation:peer', lifetimeInSeconds: 600,
    audiences: 'http://FYDIBOHF25SPDLT.fabrikam.example', nameIdentifier: 'b3BhcXVl@contoso.example',
    attributes: { 'http://schemas.xmlsoap.org/claims/EmailAddress': 'a@contoso.example' },
    signatureAlgorithm: p.signature, digestAlgorithm: p.digest, xpathToNodeBeforeSignature: "//*[local-name(.)='AttributeStatement']",
  };
  if (!p.method) {
    return answer(null, require('saml').Saml11.create(options));
  }
  Object.assign(options, {
    encryptionCert: read(p.targetCertificate), encryptionPublicKey: read(p.targetPublicKey), encryptionAlgorithm: p.method,
    keyEncryptionAlgorithm: p.keyMethod, keyEncryptionAlgorighm: p.keyMethod,
    disallowEncryptionWithInsecureAlgorithm: false, warnOnInsecureEncryptionAlgorithm: false,
  });
  require('saml').Saml11.create(options, answer);
}

// Every reference of the first signature, which must be made with the certificate.
function verify() {
  const { SignedXml } = require('xml-crypto');
  const { DOMParser } = require('@xmldom/xmldom');
  const xml = read(p.file).toString();
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  const signature = document.getElementsByTagNameNS('http://www.w3.org/2000/09/xmldsig#', 'Signature')[0];
  const signed = new SignedXml({ publicCert: read(p.secret || p.certificate), idAttribute: 'AssertionID', getCertFromKeyInfo: () => null });
  if (p.secret) {
    signed.enableHMAC();
  }
  signed.loadSignature(signature);
  if (!signed.checkSignature(xml)) {
    return answer('the signature does not hold: ' + signed.references.map((r) => r.validationError).join());
  }
  answer(null, signed.getSignedReferences().length);
}

function encrypt() {
  require('xml-encryption').encrypt(read(p.file).toString(), {
    rsa_pub: read(p.targetPublicKey), pem: read(p.targetCertificate), encryptionAlgorithm: p.method, keyEncryptionAlgorithm: p.keyMethod,
    keyEncryptionDigest: p.digest, disallowEncryptionWithInsecureAlgorithm: false, warnInsecureAlgorithm: false,
  }, answer);
}

function decrypt() {
  require('xml-encryption').decrypt(read(p.file).toString(), {
    key: read(p.targetKey), disallowDecryptionWithInsecureAlgorithm: false, warnInsecureAlgorithm: false,
  }, answer);
}

({ create, verify, encrypt, decrypt })[command]();
