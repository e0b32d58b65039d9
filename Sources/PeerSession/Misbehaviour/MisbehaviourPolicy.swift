/// Stub.
public struct MisbehaviourPolicy: Sendable, Hashable {
    public init() {}
}
