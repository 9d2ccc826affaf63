"""A certificate authority for one test, a certificate for this computer, and one from an authority nobody knows."""

import ssl
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from modstation.system.clock import SystemClock

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Made:
    """The server's side, and the authority to be trusted."""

    context: ssl.SSLContext
    authority: Path
    folder: Path

    def intercept(self) -> None:
        """From the next handshake on, show a certificate of the unknown authority."""
        self.context.load_cert_chain(self.folder / "stranger.pem")

    def restore(self) -> None:
        """Show the good one again."""
        self.context.load_cert_chain(self.folder / "good.pem")


def made(folder: Path) -> Made:
    """Make all of it in `folder`."""
    folder.mkdir(parents=True)
    for authority, leaf in (("trusted", "good"), ("unknown", "stranger")):
        key, certificate = _authority(f"ModStation test {authority}")
        (folder / f"{authority}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        (folder / f"{leaf}.pem").write_bytes(_leaf(key, certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found = Made(context, folder / "trusted.pem", folder)
    found.restore()
    return found


def _authority(name: str) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    built = _begun(subject, subject, key.public_key())
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    built = built.add_extension(usage, critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return key, built.add_extension(identifier, critical=False).sign(key, hashes.SHA256())


def _leaf(authority: ec.EllipticCurvePrivateKey, issuer: x509.Certificate) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    built = _begun(subject, issuer.subject, key.public_key())
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    whose = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    certificate = built.add_extension(whose, critical=False).sign(authority, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = SystemClock().now()
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    return built.serial_number(x509.random_serial_number()).not_valid_before(now - DAY).not_valid_after(now + DAY)
