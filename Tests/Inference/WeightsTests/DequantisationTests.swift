import Testing
import Weights

/// Unpacked values against those of the `gguf` Python package; see Fixtures/make.py.
@Suite struct DequantisationTests {
    @Test(arguments: ElementType.allCases) func valuesAreThoseOfTheReference(type: ElementType) throws {
        let file = try GGUFFile(path: fixtures + "/dequantise.gguf")
        let tensor = try file.tensor(named: type.name.lowercased())
        let expected = try file.tensor(named: type.name.lowercased() + ".expected")
        #expect(tensor.type == type)
        #expect(expected.type == .f32)
        #expect(tensor.shape == expected.shape)
        #expect(tensor.floats().map(\.bitPattern) == expected.floats().map(\.bitPattern))
    }

    @Test func typesAreNamedAsInGGML() {
        for type in ElementType.allCases {
            #expect(type.rowBytes(columns: type.blockElements) == type.blockBytes)
            #expect(type.rowBytes(columns: 0) == nil)
            #expect(type.rowBytes(columns: -32) == nil)
            #expect(type.blockElements == 1 || type.rowBytes(columns: type.blockElements + 1) == nil)
        }
        #expect(
            ElementType.allCases.map(\.name) == [
                "F32", "F16", "Q4_0", "Q5_0", "Q8_0", "Q4_K", "Q5_K", "Q6_K", "BF16",
            ])
    }
}
