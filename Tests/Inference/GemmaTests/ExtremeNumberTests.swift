import Foundation
import TestSupport
import Testing

@testable import Gemma

/// Numbers in the settings of models and adapters that none has.
@Suite struct ExtremeNumberTests {
    @Test func extremesInConfigurationsNeverTrap() throws {
        for name in ["gemma", "gemma2", "gemma3", "gemma4"] {
            let path = Fixtures.path(name) + "/config.json"
            let config = Extremes([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
            Fuzzing.run("extremes in config.json of \(name)", rounds: 400) { mutator, _ in
                let data = Data(config.mutated(&mutator.generator))
                // Ignored: any refusal will do.
                guard let read = try? HuggingFaceConfiguration.read(data, source: "config.json") else {
                    return false
                }
                return read.multiplyAccumulatesPerToken > 0 && read.largestQuerySize > 0
                    && read.largestKVSize > 0
            }
        }
    }

    @Test func extremesInAdapterSettingsNeverTrap() {
        let settings = Extremes(
            Array(
                (#"{"peft_type":"LORA","r":8,"lora_alpha":16,"use_rslora":true,"bias":"none","#
                    + #""target_modules":["q_proj"]}"#).utf8))
        Fuzzing.run("extremes in adapter_config.json", rounds: 400) { mutator, _ in
            let data = Data(settings.mutated(&mutator.generator))
            return (try? PeftSettings(json: data, path: "adapter_config.json").alpha) != nil
        }
    }
}
