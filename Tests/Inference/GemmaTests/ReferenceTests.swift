import Foundation
import Testing

@testable import Gemma

/// Logits against PyTorch's on tiny models, over 100 tokens with sliding windows of 16.
@Suite struct ReferenceTests {
    static let names = ["gemma", "gemma2", "gemma3", "gemma4"]

    @Test(arguments: names) func logitsEqualPyTorch(name: String) async throws {
        let (ids, expected) = try Fixtures.expected(name)
        let actual = try await Fixtures.logits(Fixtures.engine(name), ids)
        let difference = Fixtures.difference(actual, expected)
        print("\(name): largest difference to PyTorch \(difference) of the logits' range")
        #expect(difference < 1e-4)
    }

    @Test(arguments: names) func decodingOneByOneEqualsPyTorch(name: String) async throws {
        let (ids, expected) = try Fixtures.expected(name)
        let actual = try await Fixtures.logits(Fixtures.engine(name, sliceTokens: 1), ids)
        #expect(Fixtures.difference(actual, expected) < 1e-4)
    }

    @Test(arguments: [3, 7, 32, 64]) func slicesEqualPyTorch(sliceTokens: Int) async throws {
        for name in Self.names {
            let (ids, expected) = try Fixtures.expected(name)
            let actual = try await Fixtures.logits(Fixtures.engine(name, sliceTokens: sliceTokens), ids)
            #expect(Fixtures.difference(actual, expected) < 1e-4, "\(name), slices of \(sliceTokens)")
        }
    }

    @Test(arguments: names) func halfPrecisionCacheStaysClose(name: String) async throws {
        let (ids, expected) = try Fixtures.expected(name)
        let actual = try await Fixtures.logits(Fixtures.engine(name, fullPrecision: false), ids)
        #expect(Fixtures.difference(actual, expected) < 5e-3)
    }

    @Test(arguments: [
        ("gemma", "gemma-f32.gguf"), ("gemma3", "gemma3-f32.gguf"), ("gemma4", "gemma4-f32.gguf"),
    ])
    func ggufEqualsSafetensors(folder: String, file: String) async throws {
        let (ids, _) = try Fixtures.expected(folder)
        let fromFolder = try await Fixtures.logits(Fixtures.engine(folder), ids)
        let fromFile = try await Fixtures.logits(Fixtures.engine(file), ids)
        #expect(fromFolder == fromFile)
    }

    @Test(arguments: names) func bothFormsOfTheConfigurationMeanTheSame(name: String) throws {
        func read(_ file: String) throws -> GemmaConfiguration {
            let path = Fixtures.path(name) + "/" + file
            return try HuggingFaceConfiguration.read(
                Data(contentsOf: URL(fileURLWithPath: path)), source: path)
        }
        #expect(try read("config.json") == read("config.published.json"))
    }

    /// The comparison above is able to fail: one wrong token exceeds its tolerance.
    @Test func theComparisonSeesAWrongToken() async throws {
        var (ids, expected) = try Fixtures.expected("gemma3")
        ids[1] = (ids[1] + 1) % 500
        let actual = try await Fixtures.logits(Fixtures.engine("gemma3"), ids)
        #expect(Fixtures.difference(actual, expected) > 1e-2)
    }
}
