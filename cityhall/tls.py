"""
The demo's certificate authority for HTTPS (`--tls`, `--lan`). Not the city's root for credentials.

The authority's key is thrown away once the server certificate is signed: a phone that trusts
`ca.pem` trusts this one certificate and nothing made later. A new address needs a new authority.
"""

import hashlib
import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE = timedelta(days=365)


def ensure_tls(folder: Path, *, hosts: tuple[str, ...]) -> tuple[Path, Path, Path]:
    """(CA file, certificate file, key file) for these hosts; made anew when the hosts change."""
    ca_path, certificate_path, key_path = (
        folder / "ca.pem", folder / "tls.pem", folder / "tls.key",
    )  # fmt: skip
    marker = folder / "tls.hosts"
    wanted = "\n".join(hosts)
    files = (ca_path, certificate_path, key_path, marker)
    if all(path.exists() for path in files) and marker.read_text() == wanted:
        return ca_path, certificate_path, key_path
    now = datetime.now(UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = build_authority(ca_key, now=now)
    leaf = build_server_certificate(authority, ca_key, key.public_key(), hosts=hosts, now=now)
    ca_path.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    certificate_path.write_bytes(
        leaf.public_bytes(serialization.Encoding.PEM)
        + authority.public_bytes(serialization.Encoding.PEM)
    )
    write_private_key(key_path, key)
    marker.write_text(wanted)
    return ca_path, certificate_path, key_path


def build_authority(key: ec.EllipticCurvePrivateKey, *, now: datetime) -> x509.Certificate:
    """A self-signed root that may sign end certificates only."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CityWallet demo CA")])
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def build_server_certificate(
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    public_key: ec.EllipticCurvePublicKey,
    *,
    hosts: tuple[str, ...],
    now: datetime,
) -> x509.Certificate:
    """The certificate of all five services: they differ by port only."""
    names: list[x509.GeneralName] = []
    for host in hosts:
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
        except ValueError:
            names.append(x509.DNSName(host))
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CityWallet demo")]))
        .issuer_name(authority.subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )


def write_private_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """PKCS#8, readable by the owner only."""
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)


def fingerprint(ca_file: Path) -> str:
    """SHA-256 of the certificate, as a phone shows it: pairs of hex digits."""
    certificate = x509.load_pem_x509_certificate(ca_file.read_bytes())
    digest = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2)).upper()
