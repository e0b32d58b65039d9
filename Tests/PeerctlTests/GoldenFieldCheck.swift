import Foundation
import PeerWire

/// Compares some fields of a line of `decode` with those of its vector. That every field is decoded right is tested
/// where they are decoded; here it is about the names under which they are shown.
enum GoldenFieldCheck {
    /// Names in a line, and the names in the vector of what is the same number or text.
    private static let names: [String: [String: String]] = [
        "version": [
            "protocol_version": "version", "services": "services", "time": "timestamp", "nonce": "nonce",
            "user_agent": "user_agent", "height": "last_block", "relay": "relay",
        ],
        "ping": ["nonce": "nonce"], "pong": ["nonce": "nonce"], "feefilter": ["rate": "min_fee"],
        "getblocks": ["version": "version", "stop": "stop"], "getheaders": ["version": "version", "stop": "stop"],
        "reject": ["rejected": "cmd", "code": "code", "reason": "reason", "hash": "hash"],
        "sendcmpct": ["high_bandwidth": "announce", "version": "version"],
        "filteradd": ["element": "data"],
        "filterload": ["hash_functions": "hash_funcs", "tweak": "tweak", "flags": "flags"],
        "merkleblock": ["transaction_count": "total", "flags": "flags"],
        "tx": ["txid": "txid", "version": "version", "lock_time": "locktime"],
        "cmpctblock": ["short_id_nonce": "nonce"], "getblocktxn": ["block": "block"], "blocktxn": ["block": "block"],
        "getcfilters": ["filter_type": "filter_type", "start_height": "start_height", "stop": "stop"],
        "getcfheaders": ["filter_type": "filter_type", "start_height": "start_height", "stop": "stop"],
        "getcfcheckpt": ["filter_type": "filter_type", "stop": "stop"],
        "getcfmempool": ["filter_type": "filter_type"],
        "cfilter": ["filter_type": "filter_type", "block": "block"],
        "cfheaders": ["filter_type": "filter_type", "stop": "stop", "previous_filter_header": "prev_header"],
        "cfcheckpt": ["filter_type": "filter_type", "stop": "stop"],
    ]

    /// Lists in a line, those of the vector, and a name in their first elements for both; no name for plain values.
    private static let lists: [String: [(String, String, String, String)]] = [
        "addr": [("addresses", "addrs", "port", "port")],
        "inv": [("items", "inv", "hash", "hash")], "getdata": [("items", "inv", "hash", "hash")],
        "notfound": [("items", "inv", "hash", "hash")],
        "getblocks": [("locator", "locator", "", "")], "getheaders": [("locator", "locator", "", "")],
        "headers": [("headers", "headers", "hash", "hash")],
        "tx": [("inputs", "inputs", "script", "script"), ("outputs", "outputs", "value", "value")],
        "blocktxn": [("transactions", "txs", "txid", "txid")],
        "merkleblock": [("hashes", "hashes", "", "")],
        "cmpctblock": [("short_ids", "short_ids", "", ""), ("prefilled", "prefilled", "difference", "index")],
        "getblocktxn": [("differences", "indexes", "", "")],
        "cfheaders": [("filter_hashes", "filter_hashes", "", "")],
        "cfcheckpt": [("filter_headers", "filter_headers", "", "")],
    ]

    /// The first field that is not the same; `nil` when all are.
    static func problem(_ message: [String: Any], _ vector: GoldenFrame) -> String? {
        for (name, other) in names[vector.command] ?? [:] where !same(message[name], vector.fields[other]) {
            return name
        }
        for (name, other, element, otherElement) in lists[vector.command] ?? [] {
            guard let list = message[name] as? [Any] else { return name }
            let (count, first) = ends(vector.fields[other])
            let left = element.isEmpty ? list.first : (list.first as? [String: Any])?[element]
            let right = otherElement.isEmpty ? first : (first as? [String: Any])?[otherElement]
            if list.count != count || !same(left, right) { return name }
        }
        return problemOfHeader(message, vector.fields) ?? problemOfTokens(message, vector.fields)
    }

    private static func problemOfHeader(_ message: [String: Any], _ fields: [String: Any]) -> String? {
        guard let header = fields["header"] as? [String: Any] else { return nil }
        let names = [
            "hash": "hash", "previous_block": "prev", "merkle_root": "merkle", "bits": "bits", "nonce": "nonce",
        ]
        for (name, other) in names where !same(message[name], header[other]) { return name }
        return nil
    }

    /// Every output of a transaction whose outputs are not too many.
    private static func problemOfTokens(_ message: [String: Any], _ fields: [String: Any]) -> String? {
        guard let outputs = fields["outputs"] as? [[String: Any]] else { return nil }
        guard let shown = message["outputs"] as? [[String: Any]], shown.count == outputs.count else { return "outputs" }
        for (output, expected) in zip(shown, outputs) {
            guard let token = expected["token"] as? [String: Any] else {
                if output["token"] != nil || !same(output["script"], expected["script"]) { return "script" }
                continue
            }
            guard let found = output["token"] as? [String: Any] else { return "token" }
            let capabilities = ["none", "mutable", "minting"]
            let isNFT = token["has_nft"] as? Bool == true
            let capability = (token["capability"] as? NSNumber).map { capabilities[$0.intValue] }
            let isSame =
                same(output["locking_script"], expected["script"]) && same(found["category"], token["category"])
                && same(found["nft"], token["has_nft"]) && same(found["amount"], token["amount"] ?? "0")
                && same(found["capability"], isNFT ? capability : nil)
                && same(found["commitment"], isNFT ? token["commitment"] ?? "" : nil)
            if !isSame { return "token" }
        }
        return nil
    }

    /// Number of elements and the first of a list of a vector, which may have its ends only, or ids of transactions.
    private static func ends(_ field: Any?) -> (Int, Any?) {
        if let list = field as? [Any] { return (list.count, list.first) }
        guard let object = field as? [String: Any], let count = object["count"] as? NSNumber else { return (-1, nil) }
        return (count.intValue, object["first"])
    }

    /// Numbers may be numbers or decimal text; nothing is the same as `null`.
    private static func same(_ left: Any?, _ right: Any?) -> Bool {
        text(left) == text(right)
    }

    private static func text(_ value: Any?) -> String? {
        switch value {
        case let text as String: text
        case let number as NSNumber: number.stringValue
        default: nil
        }
    }
}
