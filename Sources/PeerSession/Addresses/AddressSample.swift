import PeerWire

/// Some of a list of addresses: all that can be sent when they are few enough, and otherwise a random choice.
enum AddressSample {
    /// At most `limit` of the addresses that `form` gives a form to. When there are more, each is as likely as every
    /// other, in each place; when there are not, they are in the order given.
    ///
    /// One pass with memory for the chosen ones only, as a node may know a hundred times more.
    ///
    /// - Complexity: O(n), with a random number for each address beyond the limit.
    static func choose<Form>(
        atMost limit: Int, of addresses: [PeerAddress], random: inout SplitMix64,
        _ form: (PeerAddress) -> Form?
    ) -> (forms: [Form], chosen: [PeerAddress]) {
        var forms: [Form] = []
        var places: [Int] = []
        let room = min(limit, addresses.count)
        forms.reserveCapacity(room)
        places.reserveCapacity(room)
        var seen = 0
        for place in addresses.indices {
            guard let form = form(addresses[place]) else { continue }
            seen += 1
            if forms.count < limit {
                forms.append(form)
                places.append(place)
                continue
            }
            // The first that is too many: from now on the order must not tell who came first.
            if seen == limit + 1 { shuffle(&forms, &places, random: &random) }
            let target = random.next(below: seen)
            if target < limit {
                forms[target] = form
                places[target] = place
            }
        }
        return (forms, places.map { addresses[$0] })
    }

    private static func shuffle<Form>(_ forms: inout [Form], _ places: inout [Int], random: inout SplitMix64) {
        for index in forms.indices.dropFirst() {
            let other = random.next(below: index + 1)
            forms.swapAt(index, other)
            places.swapAt(index, other)
        }
    }
}
