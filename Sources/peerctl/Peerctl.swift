import ArgumentParser

@main
struct Peerctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "peerctl")
}
