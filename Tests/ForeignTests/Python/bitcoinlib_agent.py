"""A second foreign peer: python-bitcoinlib's messages, with the magic of this network.

It knows Bitcoin's parameters only, so those are replaced. Its `headers` leaves out each header's count of transactions,
which is there on the wire: a header is taken as a block without transactions, whose bytes are the same.
"""

import socket

import bitcoin
import bitcoin.messages as lib
from bitcoin.core import CBlock, CBlockHeader, CTransaction, CTxIn, CTxOut, COutPoint, b2x, x
from bitcoin.core.script import CScript
from bitcoin.core.serialize import SerializationTruncationError, VectorSerializer
from bitcoin.net import CInv

from peer import orders

PATIENCE = 20


class RegtestParams(bitcoin.RegTestParams):
    MESSAGE_START = bytes.fromhex("dab5bffa")


class Headers(lib.msg_headers):
    """`headers` as it is on the wire."""

    @classmethod
    def msg_deser(cls, f, protover=lib.PROTO_VERSION):
        found = cls()
        found.headers = VectorSerializer.stream_deserialize(CBlock, f)
        return found

    def msg_ser(self, f):
        VectorSerializer.stream_serialize(CBlock, self.headers, f)


bitcoin.params = RegtestParams()
lib.messagemap[b"headers"] = Headers
KINDS = {"tx": lib.MSG_TX, "block": lib.MSG_BLOCK}
NAMES = {number: name for name, number in KINDS.items()}


def make_header(f):
    return CBlock(
        nVersion=f["version"],
        hashPrevBlock=x(f["previous"]),
        hashMerkleRoot=x(f["merkle"]),
        nTime=f["time"],
        nBits=f["bits"],
        nNonce=f["nonce"],
    )


def make_transaction(f):
    return CTransaction(
        [CTxIn(COutPoint(x(i["previous"]), i["index"]), CScript(x(i["script"])), i["sequence"]) for i in f["inputs"]],
        [CTxOut(o["value"], CScript(x(o["script"]))) for o in f["outputs"]],
        f["lock"],
        f["version"],
    )


def make_block(f):
    """The merkle root is the library's, computed from the transactions."""
    h = f["header"]
    return CBlock(
        h["version"], x(h["previous"]), nTime=h["time"], nBits=h["bits"], nNonce=h["nonce"],
        vtx=[make_transaction(t) for t in f["transactions"]],
    )


def fill_version(message, f):
    message.nVersion = f.get("version", 70015)
    message.nServices = 0x21
    message.nStartingHeight = f.get("height", 5)


def fill_inventory(message, f):
    for kind, digest in f["items"]:
        item = CInv()
        item.type, item.hash = KINDS[kind], x(digest)
        message.inv.append(item)


def fill_locator(message, f):
    message.locator.vHave = [x(digest) for digest in f["locator"]]


FILL = {
    "version": fill_version,
    "ping": lambda message, f: setattr(message, "nonce", int(f["nonce"], 0)),
    "pong": lambda message, f: setattr(message, "nonce", int(f["nonce"], 0)),
    "inv": fill_inventory,
    "getdata": fill_inventory,
    "notfound": fill_inventory,
    "getheaders": fill_locator,
    "headers": lambda message, f: message.headers.extend(make_header(h) for h in f["headers"]),
    "tx": lambda message, f: setattr(message, "tx", make_transaction(f)),
    "block": lambda message, f: setattr(message, "block", make_block(f)),
}


def make(item):
    message = lib.messagemap[item["command"].encode("ascii")]()
    FILL.get(item["command"], lambda *_: None)(message, item.get("fields", {}))
    return message


def tell_header(h):
    return {
        "version": h.nVersion,
        "previous": b2x(h.hashPrevBlock),
        "merkle": b2x(h.hashMerkleRoot),
        "time": h.nTime,
        "bits": h.nBits,
        "nonce": h.nNonce,
        "hash": b2x(CBlockHeader.deserialize(h.serialize()[:80]).GetHash()),
    }


def tell_transaction(t):
    return {
        "version": t.nVersion,
        "inputs": [
            {"previous": b2x(i.prevout.hash), "index": i.prevout.n, "script": b2x(i.scriptSig), "sequence": i.nSequence}
            for i in t.vin
        ],
        "outputs": [{"value": o.nValue, "script": b2x(o.scriptPubKey)} for o in t.vout],
        "lock": t.nLockTime,
        "id": b2x(t.GetTxid()),
    }


TELL = {
    b"version": lambda m: {
        "version": m.nVersion, "services": hex(m.nServices), "agent": m.strSubVer.decode("latin-1"),
        "height": m.nStartingHeight, "nonce": hex(m.nNonce), "relay": int(m.fRelay),
    },
    b"ping": lambda m: {"nonce": hex(m.nonce)},
    b"pong": lambda m: {"nonce": hex(m.nonce)},
    b"inv": lambda m: {"items": [[NAMES[i.type], b2x(i.hash)] for i in m.inv]},
    b"getdata": lambda m: {"items": [[NAMES[i.type], b2x(i.hash)] for i in m.inv]},
    b"notfound": lambda m: {"items": [[NAMES[i.type], b2x(i.hash)] for i in m.inv]},
    b"getheaders": lambda m: {"locator": [b2x(h) for h in m.locator.vHave], "stop": b2x(m.hashstop)},
    b"headers": lambda m: {"headers": [tell_header(h) for h in m.headers]},
    b"tx": lambda m: tell_transaction(m.tx),
    b"block": lambda m: {
        "header": tell_header(m.block), "transactions": [tell_transaction(t) for t in m.block.vtx],
        "root": b2x(m.block.calc_merkle_root()),
    },
    b"reject": lambda m: {
        "command": m.message.decode("latin-1"), "code": m.ccode[0], "reason": m.reason.decode("latin-1"),
    },
}


class Agent:
    """One connection."""

    def __init__(self):
        self.listener = None
        self.socket = None
        self.stream = None

    def _use(self, sock):
        sock.settimeout(PATIENCE)
        self.socket = sock
        self.stream = sock.makefile("rb")

    def listen(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(PATIENCE)
        return {"port": self.listener.getsockname()[1]}

    def accept(self):
        self._use(self.listener.accept()[0])

    def dial(self, port):
        self._use(socket.create_connection(("127.0.0.1", port), PATIENCE))

    def say(self, frames):
        self.socket.sendall(b"".join(make(item).to_bytes() for item in frames))

    def _read(self):
        """The next message; None at the end of the stream."""
        try:
            message = lib.MsgSerializable.stream_deserialize(self.stream)
        except SerializationTruncationError:
            return None
        if message is None:
            # A command the library has no class for.
            return {"command": "unknown"}
        found = {"command": message.command.decode("ascii")}
        if message.command in TELL:
            found["fields"] = TELL[message.command](message)
        return found

    def hear(self, count=1):
        frames = []
        while len(frames) < count:
            found = self._read()
            if found is None:
                return {"frames": frames, "end": "end"}
            frames.append(found)
        return {"frames": frames}

    def until(self, command):
        frames = []
        while not frames or frames[-1]["command"] != command:
            found = self._read()
            if found is None:
                return {"frames": frames, "end": "end"}
            frames.append(found)
        return {"frames": frames}

    def close(self):
        self.stream.close()
        self.socket.close()

    def handlers(self):
        return {name: getattr(self, name) for name in ["listen", "accept", "dial", "say", "hear", "until", "close"]}


if __name__ == "__main__":
    orders.serve(Agent().handlers())
