import PeerKit

/// Addresses of nodes as JSON fields.
extension JSONWriter {
    mutating func fields(_ message: AddressesMessage) {
        array("addresses", message.addresses) { writer, entry in
            writer.object { writer in
                writer.field("time", entry.time)
                writer.fields(entry.address)
            }
        }
        trailing(message.trailingBytes)
    }

    mutating func fields(_ address: NetworkAddress) {
        services(address.services)
        field("ip", address.hostDescription)
        field("port", address.port)
    }

    mutating func fields(_ message: AddressesV2Message) {
        array("addresses", message.addresses) { writer, entry in
            writer.object { $0.fields(entry) }
        }
        trailing(message.trailingBytes)
    }

    /// A host of an unknown network has no text form, only its bytes.
    private mutating func fields(_ address: PeerAddress) {
        field("time", address.time)
        services(address.services)
        field("network", address.network.rawValue)
        field("network_name", address.network.description)
        field("host", address.hostText)
        if !address.network.isKnown { field("host_hex", hex: address.hostBytes) }
        field("port", address.port)
    }

    mutating func services(_ services: Services) {
        field("services", services.rawValue)
        let names = services.isEmpty ? [] : services.description.split(separator: "|")
        array("service_names", names) { $0.string(String($1)) }
    }
}

extension NetworkAddress {
    /// The address alone, an IPv6 one without its brackets.
    var hostDescription: String {
        let host = description.dropLast(1 + String(port).count)
        return host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : String(host)
    }
}
