import Foundation
import PeerWire
import TestSupport
import Testing

/// Tables of the documentation, held against the code.
@Suite struct DocumentationTests {
    private struct Row {
        let command: String
        let limit: Int
        let version: Int32?
    }

    private static func rows() throws -> [Row] {
        let file = SharedData.packageRoot.appendingPathComponent("Sources/PeerWire/PeerWire.docc/Messages.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard cells.count == 7, cells[1].hasPrefix("`"),
                let limit = Int(cells[3].replacingOccurrences(of: ",", with: ""))
            else { return nil }
            return Row(
                command: cells[1].trimmingCharacters(in: CharacterSet(charactersIn: "`")), limit: limit,
                version: Int32(cells[4]))
        }
    }

    @Test func theTableOfMessagesIsTrue() throws {
        let rows = try Self.rows()
        #expect(rows.count == MessageKind.allCases.count)
        let limits = WireLimits(network: .mainnet)
        for row in rows {
            let kind = try #require(Command(row.command).flatMap { MessageKind($0) }, "\(row.command)")
            #expect(limits.maximumPayload(for: kind.command, phase: .established) == row.limit, "\(row.command)")
            #expect(kind.minimumVersion?.rawValue == row.version, "\(row.command)")
        }
        #expect(Set(rows.map(\.command)).count == rows.count)
    }

    /// Every public type is to be found from the first page.
    @Test func theFirstPageNamesEveryPublicType() throws {
        let folder = SharedData.packageRoot.appendingPathComponent("Sources/PeerWire")
        let page = try String(
            contentsOf: folder.appendingPathComponent("PeerWire.docc/PeerWire.md"), encoding: .utf8)
        let declaration = /(?m)^public (?:struct|enum|protocol|final class|class) (\w+)/
        var count = 0
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) where name.hasSuffix(".swift") {
            let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            for match in text.matches(of: declaration) {
                count += 1
                #expect(page.contains("- ``\(match.1)``"), "\(match.1)")
            }
        }
        #expect(count > 60)
    }
}
