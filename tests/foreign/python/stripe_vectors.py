"""Makes the vectors of Stripe's protocol, each file by somebody else's cryptography.

Usage: stripe_vectors.py FOLDER, where FOLDER is packages/protocols/stripe/vectors. Needs python3-jwcrypto,
python3-cryptography and the command openssl. Each run draws keys and PINs' JWEs anew.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile

import cryptography
from cryptography.hazmat.primitives import hashes, hmac, padding
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jwcrypto import jwe, jwk

KEY_ID = "key_stripe_vectors"
PINS = ["0123", "4711", "00000", "739150", "012345678901"]
SHA1 = hashes.SHA1()


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def header_of(**changes):
    members = {"alg": "RSA-OAEP", "enc": "A128CBC-HS256", "kid": KEY_ID, **changes}
    kept = {name: value for name, value in members.items() if value is not None}
    return base64url(json.dumps(kept, separators=(",", ":")).encode())


def compact(header, *parts):
    return ".".join([header, *map(base64url, parts)])


def tag_of(mac_key, header, iv, ciphertext, bits=None):
    """RFC 7518 section 5.2.2.1, step 5."""
    length = (8 * len(header) if bits is None else bits).to_bytes(8, "big")
    mac = hmac.HMAC(mac_key, hashes.SHA256())
    mac.update(header.encode() + iv + ciphertext + length)
    return mac.finalize()[:16]


def seal(public_key, plaintext, header=None, oaep=SHA1, mgf1=SHA1, swapped=False, aad=None, bits=None, key_bytes=32):
    """RFC 7516 section 5.1 by python3-cryptography; the last arguments are for mistakes."""
    header = header or header_of()
    content_key, iv = os.urandom(key_bytes), os.urandom(16)
    wrapping = rsa_padding.PKCS1v15() if oaep is None else rsa_padding.OAEP(rsa_padding.MGF1(mgf1), oaep, None)
    half = key_bytes // 2
    mac_key, cipher_key = content_key[:half], content_key[half:]
    if swapped:
        mac_key, cipher_key = cipher_key, mac_key
    padder = padding.PKCS7(128).padder()
    padded = padder.update(plaintext) + padder.finalize()
    encryptor = Cipher(algorithms.AES(cipher_key), modes.CBC(iv)).encryptor()
    ciphertext = encryptor.update(padded) + encryptor.finalize()
    tag = tag_of(mac_key, header if aad is None else aad, iv, ciphertext, bits)
    return compact(header, public_key.encrypt(content_key, wrapping), iv, ciphertext, tag)


def by_cryptography(private_key):
    public_key = private_key.public_key()
    other = rsa.generate_private_key(65537, 2048).public_key()
    sha256 = hashes.SHA256()
    reordered = base64url(json.dumps({"kid": KEY_ID, "enc": "A128CBC-HS256", "alg": "RSA-OAEP"}).encode())
    opened = [{"pin": pin, "jwe": seal(public_key, pin.encode())} for pin in PINS]
    opened.append({"pin": "0123", "jwe": seal(public_key, b"0123", reordered)})
    failed = {
        "SHA-256 in place of SHA-1": seal(public_key, b"0123", oaep=sha256, mgf1=sha256),
        "MGF1 with SHA-256": seal(public_key, b"0123", mgf1=sha256),
        "OAEP with SHA-256, MGF1 with SHA-1": seal(public_key, b"0123", oaep=sha256),
        "RSAES-PKCS1-v1_5": seal(public_key, b"0123", oaep=None),
        "another key": seal(other, b"0123"),
        "the halves of the content key swapped": seal(public_key, b"0123", swapped=True),
        "a content key of 64 bytes": seal(public_key, b"0123", key_bytes=64),
        "a tag over the header's JSON": seal(public_key, b"0123", aad='{"alg":"RSA-OAEP","enc":"A128CBC-HS256"}'),
        "a tag over no header": seal(public_key, b"0123", aad=""),
        "a length in bytes": seal(public_key, b"0123", bits=len(header_of())),
        "JSON": seal(public_key, b'{"pin":"0123"}'),
        "a quoted string": seal(public_key, b'"0123"'),
        "a line end": seal(public_key, b"0123\n"),
        "white space": seal(public_key, b" 0123"),
        "no digits": seal(public_key, b""),
        "digits of another script": seal(public_key, "٠١٢٣".encode()),
        "UTF-16": seal(public_key, "0123".encode("utf-16-le")),
    }
    malformed = {
        "RSA-OAEP-256": seal(public_key, b"0123", header_of(alg="RSA-OAEP-256")),
        "RSA1_5": seal(public_key, b"0123", header_of(alg="RSA1_5"), oaep=None),
        "A256CBC-HS512": seal(public_key, b"0123", header_of(enc="A256CBC-HS512"), key_bytes=64),
        "A128GCM": seal(public_key, b"0123", header_of(enc="A128GCM")),
        "A256GCM": seal(public_key, b"0123", header_of(enc="A256GCM")),
        "no kid": seal(public_key, b"0123", header_of(kid=None)),
        "typ": seal(public_key, b"0123", header_of(typ="JOSE")),
        "cty": seal(public_key, b"0123", header_of(cty="text/plain")),
        "zip": seal(public_key, b"0123", header_of(zip="DEF")),
        "crit": seal(public_key, b"0123", header_of(crit=["exp"], exp=1)),
        "apu": seal(public_key, b"0123", header_of(apu="QQ")),
    }
    lengths = {"three digits": seal(public_key, b"123"), "13 digits": seal(public_key, b"0123456789012")}
    refused = {
        "decryption_failed": failed,
        "jwe_malformed": malformed,
        "pin_length": lengths,
    }
    return {
        "source": f"python3-cryptography {cryptography.__version__}: RSA-OAEP, AES-CBC and HMAC by RFC 7516 and RFC 7518",
        **key_of(private_key),
        "opened": opened,
        "refused": [
            {"what": what, "code": code, "jwe": sealed}
            for code, cases in refused.items()
            for what, sealed in cases.items()
        ],
    }


def by_jwcrypto(private_key):
    public = jwk.JWK.from_pem(private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    def sealed(pin):
        header = {"alg": "RSA-OAEP", "enc": "A128CBC-HS256", "kid": KEY_ID}
        token = jwe.JWE(pin.encode(), protected=json.dumps(header), algs=["RSA-OAEP", "A128CBC-HS256"])
        token.add_recipient(public)
        return token.serialize(compact=True)

    version = subprocess.run(["dpkg-query", "-W", "-f=${Version}", "python3-jwcrypto"], capture_output=True, text=True)
    return {
        "source": f"python3-jwcrypto {version.stdout}: JWE.add_recipient, JWE.serialize(compact=True)",
        **key_of(private_key),
        "opened": [{"pin": pin, "jwe": sealed(pin)} for pin in PINS],
    }


def by_openssl(private_key):
    version = openssl(["version"]).decode().split(" (")[0].strip()
    public_pem = private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def sealed(pin):
        with tempfile.NamedTemporaryFile() as key_file:
            key_file.write(public_pem)
            key_file.flush()
            content_key, iv = openssl(["rand", "32"]), openssl(["rand", "16"])
            oaep = ["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha1", "-pkeyopt", "rsa_mgf1_md:sha1"]
            wrapped = openssl(["pkeyutl", "-encrypt", "-pubin", "-inkey", key_file.name, *oaep], content_key)
        ciphertext = openssl(["enc", "-aes-128-cbc", "-K", content_key[16:].hex(), "-iv", iv.hex()], pin.encode())
        header = header_of()
        mac = ["dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{content_key[:16].hex()}", "-binary"]
        length = (8 * len(header)).to_bytes(8, "big")
        tag = openssl(mac, header.encode() + iv + ciphertext + length)[:16]
        return compact(header, wrapped, iv, ciphertext, tag)

    return {
        "source": f"{version}: pkeyutl, enc and dgst",
        **key_of(private_key),
        "opened": [{"pin": pin, "jwe": sealed(pin)} for pin in PINS],
    }


def openssl(arguments, data=b""):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


def key_of(private_key):
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {"keyId": KEY_ID, "privateKey": jwk.JWK.from_pem(pem).export_private(as_dict=True)}


def main():
    private_key = rsa.generate_private_key(65537, 2048)
    makers = {"python3-cryptography": by_cryptography, "python3-jwcrypto": by_jwcrypto, "openssl": by_openssl}
    for name, make in makers.items():
        with open(os.path.join(sys.argv[1], f"{name}.json"), "w", encoding="utf8") as file:
            json.dump(make(private_key), file, indent=2, ensure_ascii=False)
            file.write("\n")


main()
