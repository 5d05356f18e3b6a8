"""Verifies an export of the audit (docs/audit-export.md). Exits with 0 when it is whole, else says where it is not.

--expect takes a checkpoint that was noted earlier, as this program and `linchpin audit verify` print the last one.
"""
import argparse
import base64
import hashlib
import json
import struct
import sys
from datetime import datetime, timezone

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import load_der_public_key

ZEROS = "0" * 64


def fail(what):
    sys.exit(f"not whole: {what}")


def is_signed(checkpoint, key):
    raw = base64.b64decode(checkpoint["signature"])
    signature = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        key.verify(signature, checkpoint["content"].encode(), ec.ECDSA(hashes.SHA256()))
        return True
    except InvalidSignature:
        return False


def event_hash(previous, event):
    since_1970 = datetime.fromisoformat(event["occurredAt"].replace("Z", "+00:00")) - datetime.fromtimestamp(0, timezone.utc)
    milliseconds = round(since_1970.total_seconds() * 1000)
    card = event["cardId"]
    card_bytes = (card or "").encode()
    numbers = struct.pack(">iqqi", event["shard"], event["sequence"], milliseconds, -1 if card is None else len(card_bytes))
    return hashlib.sha256(bytes.fromhex(previous) + numbers + card_bytes + event["content"].encode()).hexdigest()


parser = argparse.ArgumentParser()
parser.add_argument("file")
parser.add_argument("--expect", metavar="SEQUENCE:SHA256")
options = parser.parse_args()

lines = [json.loads(line) for line in open(options.file, encoding="utf-8")]
if not lines or lines[0] != {"type": "export", "format": "linchpin-audit-1"} or lines[-1] != {"type": "end"}:
    fail("it is no export, or was cut off")
of_type = lambda kind: [line for line in lines if line["type"] == kind]
shards = [head["shard"] for head in of_type("head")]
if not shards or shards != list(range(len(shards))):
    fail("the head of a shard is missing")

keys = {key["id"]: load_der_public_key(base64.b64decode(key["publicKey"])) for key in of_type("key")}
signed_links, previous, last_heads, checkpoint_hashes = {}, ZEROS, {}, []
for count, checkpoint in enumerate(of_type("checkpoint"), start=1):
    where = f"checkpoint {count}"
    if checkpoint["sequence"] != count:
        fail(f"{where} is missing")
    if checkpoint["keyId"] not in keys or not is_signed(checkpoint, keys[checkpoint["keyId"]]):
        fail(f"{where} is not signed by a key of the export")
    content = json.loads(checkpoint["content"])
    if (content["sequence"], content["previous"], content["keyId"]) != (count, previous, checkpoint["keyId"]):
        fail(f"{where} does not follow from the one before")
    if len(content["heads"]) != len(shards):
        fail(f"{where} has another number of shards")
    for shard, (sequence, link) in enumerate(content["heads"]):
        if sequence < last_heads.get(shard, 0):
            fail(f"{where} goes back in shard {shard}")
        last_heads[shard] = sequence
        if sequence > 0:
            signed_links[(shard, sequence)] = (link, where)
    previous = hashlib.sha256(checkpoint["content"].encode()).hexdigest()
    checkpoint_hashes.append(f"{count}:{previous}")
if options.expect and options.expect.lower() not in checkpoint_hashes:
    fail("the expected checkpoint is missing, or is another one")

links = {}
for event in of_type("event"):
    shard, sequence = event["shard"], event["sequence"]
    where = f"event {sequence} of shard {shard}"
    last_sequence, last_hash = links.get(shard, (0, ZEROS))
    if sequence != last_sequence + 1:
        fail(f"{where} stands where {last_sequence + 1} should")
    if event_hash(last_hash, event) != event["hash"]:
        fail(f"{where} is not what was written")
    signed, by = signed_links.pop((shard, sequence), (event["hash"], None))
    if signed != event["hash"]:
        fail(f"{where}, or one before it, was replaced: {by} signed another")
    links[shard] = (sequence, event["hash"])
for (shard, sequence), (_, by) in signed_links.items():
    fail(f"event {sequence} of shard {shard} is gone: {by} signed it")
if any(shard not in shards for shard in links):
    fail("events are in a shard that has no head")
for head in of_type("head"):
    if links.get(head["shard"], (0, ZEROS)) != (head["sequence"], head["hash"]):
        fail(f"shard {head['shard']} does not end at its head")

print(f"whole: {len(of_type('event'))} events, {len(of_type('checkpoint'))} checkpoints")
for key in of_type("key"):
    print("signed by", hashlib.sha256(base64.b64decode(key["publicKey"])).hexdigest())
for name in checkpoint_hashes[-1:]:
    print("last checkpoint", name)
