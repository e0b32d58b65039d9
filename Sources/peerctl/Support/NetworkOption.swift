public import ArgumentParser
public import PeerKit

extension Network: ExpressibleByArgument {}

/// `--network`, as every command that speaks the protocol has it.
struct NetworkOption: ParsableArguments {
    @Option(help: "mainnet, testnet3, testnet4, chipnet, scalenet, regtest or simnet.")
    var network: Network = .mainnet
}
