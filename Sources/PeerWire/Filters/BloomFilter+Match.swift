extension BloomFilter {
    /// True when a node with this filter would send the transaction.
    ///
    /// That is, when the filter holds the transaction's hash; the bytes that one of its locking scripts pushes, token
    /// prefixes left out; one of the outpoints it spends; or the bytes that the script of an input pushes.
    public func matches(_ transaction: Transaction) -> Bool {
        if bytes.isEmpty || contains(transaction.hash()) { return true }
        for element in transaction.storage.outputs(transaction.index)
        where matchingScript(ofOutput: element, in: transaction) != nil {
            return true
        }
        return matchesInputs(of: transaction)
    }

    /// As ``matches(_:)``, and adds the outpoints of the outputs that match as ``flags`` demand, so that what spends
    /// them will match.
    public mutating func matchAndUpdate(_ transaction: Transaction) -> Bool {
        // Both, and in this order: the outputs of a transaction are added though its inputs do not matter any more.
        matchOutputsAndUpdate(transaction, hash: transaction.hash()) || matchesInputs(of: transaction)
    }

    /// The half of ``matchAndUpdate(_:)`` that looks at the hash and the outputs.
    mutating func matchOutputsAndUpdate(_ transaction: Transaction, hash: Hash256) -> Bool {
        if bytes.isEmpty { return true }
        let flags = flags.effective
        var isMatch = contains(hash)
        let outputs = transaction.storage.outputs(transaction.index)
        for element in outputs {
            guard let script = matchingScript(ofOutput: element, in: transaction) else { continue }
            isMatch = true
            let isAdded =
                flags == .updateAll
                || flags == .updatePublicKeysOnly
                    && transaction.storage.withBytes({ ScriptReader.paysToPublicKeys($0.extracting(script)) })
            if isAdded {
                let index = UInt32(truncatingIfNeeded: element - outputs.lowerBound)
                insert(Outpoint(transaction: hash, index: index))
            }
        }
        return isMatch
    }

    /// The half of ``matchAndUpdate(_:)`` that looks at the inputs.
    func matchesInputs(of transaction: Transaction) -> Bool {
        if bytes.isEmpty { return true }
        let bytes = transaction.storage.bytes
        let span = bytes.span.bytes
        for element in transaction.storage.inputs(transaction.index) {
            let start = transaction.storage.element(element)
            let scriptStart = start + Outpoint.byteCount
            if contains(span.extracting(start..<scriptStart)) { return true }
            if containsPush(of: span.extracting(span.knownByteRange(at: scriptStart))) { return true }
        }
        return false
    }

    /// Where the locking script of an output is, when one of its pushes is in the filter.
    private func matchingScript(ofOutput element: Int, in transaction: Transaction) -> Range<Int>? {
        let bytes = transaction.storage.bytes
        let span = bytes.span.bytes
        let field = span.knownByteRange(at: transaction.storage.element(element) + 8)
        let script = (field.lowerBound + LockingScript.start(in: span.extracting(field)))..<field.upperBound
        return containsPush(of: span.extracting(script)) ? script : nil
    }

    /// True when the script pushes bytes that are in the filter. Pushes of nothing do not count.
    private func containsPush(of script: RawSpan) -> Bool {
        var offset = 0
        while let push = ScriptReader.nextPush(in: script, at: &offset) {
            if !push.isEmpty, contains(script.extracting(push)) { return true }
        }
        return false
    }
}
