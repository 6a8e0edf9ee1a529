import Foundation
import TestSupport
import Testing

/// `minutectl model get` and `list`: fetching, from files instead of the network.
@Suite(.enabled(if: Program.areBuilt, Program.absence))
struct GetModelTests {
    private let scratch: Scratch
    private let configuration: String

    init() throws {
        scratch = try Scratch()
        configuration = try scratch.write(
            RunningDaemon.configuration(in: scratch, model: "/tmp/none.gguf"), to: "minuted.yaml")
        try FileManager.default.createDirectory(
            atPath: scratch.path + "/state/models", withIntermediateDirectories: true)
    }

    private func get(_ arguments: String...) async throws -> Outcome {
        try await Program.minutectl.run(
            ["model", "get"] + arguments + ["--config", configuration], in: scratch)
    }

    private var file: String { scratch.path + "/state/models/gemma-3-270m-q4_k_m.gguf" }
    private var partial: String { scratch.path + "/state/models/.gemma-3-270m-q4_k_m.gguf.partial" }

    @Test func anUnknownNameIsRefusedWithTheKnownOnes() async throws {
        let outcome = try await get("gemma-9")
        #expect(outcome.status == 64 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("'gemma-4-e2b' and 'gemma-3-270m'"))
    }

    @Test func aFolderThatIsNotThereIsRefused() async throws {
        let outcome = try await get("gemma-4-e2b", "--into", scratch.path + "/none")
        #expect(outcome.status == 74 && outcome.errors.contains("--into FOLDER"))
    }

    @Test func theSizeAndLicenceAreSaidBeforeAnythingIsFetched() async throws {
        let outcome = try await get("gemma-4-e2b", "--from", "file://" + scratch.path + "/none.gguf")
        #expect(outcome.status == 74 && outcome.output.isEmpty)
        let size = outcome.errors.firstRange(of: "3.35 GB, Apache-2.0")
        let source = outcome.errors.firstRange(of: "from file://")
        #expect(size != nil && source != nil && size!.upperBound < source!.lowerBound, "\(outcome.errors)")
    }

    @Test func anotherFileIsRefusedByItsSize() async throws {
        let other = try scratch.write("no model", to: "other.gguf")
        let outcome = try await get("gemma-3-270m", "--from", "file://" + other)
        #expect(outcome.status == 74 && outcome.errors.contains("8 bytes, 253113024 are expected"))
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    /// What an interrupted run left goes on; if it was damaged, the checksum says so and it is removed.
    @Test(.enabled(if: TestModel.isDefault, "another model than the one that is known"))
    func itGoesOnWhereItStoppedAndChecksTheSum() async throws {
        let model = try #require(TestModel.path)
        let reader = try #require(FileHandle(forReadingAtPath: model))
        let begin = try #require(try reader.read(upToCount: 100_000))
        for isDamaged in [true, false] {
            try (isDamaged ? Data(count: begin.count) : begin).write(to: URL(filePath: partial))
            let outcome = try await get("gemma-3-270m", "--from", "file://" + model)
            #expect(outcome.errors.contains("going on after"))
            #expect(!FileManager.default.fileExists(atPath: partial))
            if isDamaged {
                #expect(outcome.status == 74 && outcome.errors.contains("the checksum is wrong"))
            } else {
                #expect(outcome.status == 0 && outcome.output == file + "\n", "\(outcome.errors)")
                #expect(FileManager.default.contentsEqual(atPath: file, andPath: model))
            }
        }
        let again = try await get("gemma-3-270m")
        #expect(again.status == 0 && again.errors.contains("is there and intact"))
        try Data("other".utf8).write(to: URL(filePath: file))
        let other = try await get("gemma-3-270m")
        #expect(other.status == 74 && other.errors.contains("remove it"))
    }

    @Test func theKnownModelsAreListedWithWhatTheyTakeHere() async throws {
        let outcome = try await Program.minutectl.run(
            ["model", "list", "--known", "--json", "--config", configuration], in: scratch)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let list = try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
        #expect(list.count == 2)
        for entry in list {
            let speed = try #require(entry["speed"] as? [String: Double])
            #expect(speed["readingTokensPerSecond"]! > 1 && speed["writingTokensPerSecond"]! > 1)
            #expect((entry["memoryBytes"] as? Int ?? 0) > 100 << 20)
        }
        let table = try await Program.minutectl.run(
            ["model", "list", "--config", configuration], in: scratch)
        #expect(table.status == 0, "\(table.errors)")
        for text in ["gemma-4-e2b", "Apache-2.0", "gemma-3-270m", "read,", "minutectl model get"] {
            #expect(table.output.contains(text), "\(table.output)")
        }
    }
}
