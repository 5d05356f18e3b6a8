"""Seals a PIN with python3-jwcrypto: public JWK and plaintext as arguments, the compact JWE on standard output."""
import json
import sys

from jwcrypto import jwe, jwk

published, plaintext = json.loads(sys.argv[1]), sys.argv[2]
published.pop("alg")  # Solaris publishes RS256
header = {"alg": "RSA-OAEP-256", "enc": "A256CBC-HS512", "kid": published["kid"]}
token = jwe.JWE(plaintext.encode(), json.dumps(header), recipient=jwk.JWK(**published))
print(token.serialize(compact=True))
